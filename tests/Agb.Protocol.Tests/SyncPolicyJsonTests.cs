namespace Agb.Protocol.Tests;

public sealed class SyncPolicyJsonTests
{
    private const string Default =
        """{"uploadPolicy":{"autoUpload":true,"uploadStrategy":"UploadBeforeResourceRelease","uploadMode":"File"},"downloadPolicy":{"autoDownload":true,"downloadStrategy":"DownloadAsync"},"deletePolicy":{"syncLocalFile":true},"extractPolicy":{"extract":true,"deleteSrcFile":true,"extractToCurrentFolder":false},"recyclePolicy":{"lifecycle":"Lifecycle_Forever","paths":[""]},"bwList":{"whiteLists":[]}}""";

    private static readonly AgbSyncPolicy s_other = new()
    {
        Upload = new AgbUploadPolicy { AutoUpload = false, UploadMode = AgbUploadMode.Archive },
        Download = new AgbDownloadPolicy { AutoDownload = false },
        Delete = new AgbDeletePolicy { SyncLocalFile = false },
        Extract = new AgbExtractPolicy { Extract = false, DeleteSrcFile = false, ExtractToCurrentFolder = true },
        Recycle = new AgbRecyclePolicy { Lifecycle = AgbLifecycle.Lifecycle_90Days, Paths = ["logs", "tmp/ümlaut"] },
        WhiteLists = [new AgbWhiteList { Path = "/Local State" }, new AgbWhiteList { Path = "src", ExcludePaths = ["src/bin", "src/obj"] }],
        Mapping = new AgbMappingPolicy { Path = "/tmp/mapping" },
    };

    [Fact]
    public void The_default_policy_is_written_as_the_official_clients_write_it() => SyncPolicyJson.Write(new AgbSyncPolicy()).ShouldBe(Default);

    [Fact]
    public void Every_field_survives_the_way_there_and_back()
    {
        var read = SyncPolicyJson.Read(SyncPolicyJson.Write(s_other));

        read.Upload.ShouldBe(s_other.Upload);
        read.Download.ShouldBe(s_other.Download);
        read.Delete.ShouldBe(s_other.Delete);
        read.Extract.ShouldBe(s_other.Extract);
        read.Recycle.Lifecycle.ShouldBe(AgbLifecycle.Lifecycle_90Days);
        read.Recycle.Paths.ShouldBe(s_other.Recycle.Paths);
        read.WhiteLists.Select(w => w.ToString()).ShouldBe(s_other.WhiteLists.Select(w => w.ToString()));
        read.Mapping.ShouldBe(s_other.Mapping);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData(Default)]
    [InlineData("""{ "uploadPolicy" : { "autoUpload" : true , "uploadStrategy" : null }, "mappingPolicy": null, "bwList": {"whiteLists": null} }""")]
    [InlineData("""{"futurePolicy":{"a":[1,2,{}]},"deletePolicy":{"other":7}}""")]
    public void What_is_absent_or_null_has_its_default_and_what_is_unknown_is_ignored(string? json) =>
        SyncPolicyJson.Write(SyncPolicyJson.Read(json)).ShouldBe(Default);

    [Theory]
    [InlineData("no json", "JSON")]
    [InlineData("[]", "policy")]
    [InlineData("7", "policy")]
    [InlineData("""{"uploadPolicy":true}""", "uploadPolicy")]
    [InlineData("""{"uploadPolicy":{"autoUpload":"true"}}""", "uploadPolicy.autoUpload")]
    [InlineData("""{"uploadPolicy":{"uploadMode":"file"}}""", "uploadPolicy.uploadMode")]
    [InlineData("""{"uploadPolicy":{"uploadMode":"1"}}""", "uploadPolicy.uploadMode")]
    [InlineData("""{"uploadPolicy":{"uploadMode":1}}""", "uploadPolicy.uploadMode")]
    [InlineData("""{"uploadPolicy":{"uploadStrategy":"PeriodicUpload"}}""", "UploadBeforeResourceRelease")]
    [InlineData("""{"downloadPolicy":{"downloadStrategy":[]}}""", "downloadPolicy.downloadStrategy")]
    [InlineData("""{"recyclePolicy":{"lifecycle":"Lifecycle_7Days"}}""", "Lifecycle_10Days")]
    [InlineData("""{"recyclePolicy":{"paths":"a"}}""", "recyclePolicy.paths")]
    [InlineData("""{"recyclePolicy":{"paths":[null]}}""", "recyclePolicy.paths")]
    [InlineData("""{"bwList":{"whiteLists":{}}}""", "bwList.whiteLists")]
    [InlineData("""{"bwList":{"whiteLists":["src"]}}""", "bwList.whiteLists")]
    [InlineData("""{"bwList":{"whiteLists":[{"excludePaths":[]}]}}""", "path")]
    [InlineData("""{"mappingPolicy":{}}""", "mappingPolicy.path")]
    [InlineData("""{"mappingPolicy":{"path":1e400}}""", "mappingPolicy.path")]
    [InlineData("""{"mappingPolicy":{"path":"\ud83d"}}""", "JSON")]
    public void What_is_wrong_is_named(string json, string named)
    {
        var error = Should.Throw<AgbException>(() => SyncPolicyJson.Read(json));

        error.ErrorId.ShouldBe(AgbErrorIds.InvalidPolicy);
        error.Message.ShouldContain(named);
    }

    [Fact]
    public void Json_that_is_nested_a_thousand_deep_is_refused()
    {
        var json = """{"bwList":""" + new string('[', 1000) + new string(']', 1000) + "}";

        Should.Throw<AgbException>(() => SyncPolicyJson.Read(json)).ErrorId.ShouldBe(AgbErrorIds.InvalidPolicy);
    }
}
