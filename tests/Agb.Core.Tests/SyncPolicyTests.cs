namespace Agb.Core.Tests;

public sealed class SyncPolicyTests
{
    [Fact]
    public void The_defaults_are_those_of_the_official_SDK()
    {
        var policy = new AgbSyncPolicy();
        policy.Upload.ShouldBe(new AgbUploadPolicy
        {
            AutoUpload = true, UploadStrategy = AgbUploadStrategy.UploadBeforeResourceRelease, UploadMode = AgbUploadMode.File,
        });
        policy.Download.ShouldBe(new AgbDownloadPolicy { AutoDownload = true, DownloadStrategy = AgbDownloadStrategy.DownloadAsync });
        policy.Delete.SyncLocalFile.ShouldBeTrue();
        policy.Extract.ShouldBe(new AgbExtractPolicy { Extract = true, DeleteSrcFile = true, ExtractToCurrentFolder = false });
        policy.Recycle.Lifecycle.ShouldBe(AgbLifecycle.Lifecycle_Forever);
        policy.Recycle.Paths.ShouldBe([""]);
        policy.WhiteLists.ShouldBeEmpty();
        policy.Mapping.ShouldBeNull();
    }

    [Fact]
    public void A_good_policy_comes_back_as_it_is()
    {
        var policy = new AgbSyncPolicy
        {
            Recycle = new AgbRecyclePolicy { Lifecycle = AgbLifecycle.Lifecycle_30Days, Paths = ["", "logs", "/abs/olute"] },
            WhiteLists = [new AgbWhiteList { Path = "/Local State" }, new AgbWhiteList { Path = "src", ExcludePaths = ["src/bin", "x.."] }],
        };
        policy.Validate().ShouldBeSameAs(policy);
    }

    [Fact]
    public void A_mapping_path_is_made_normal() =>
        new AgbSyncPolicy { Mapping = new AgbMappingPolicy { Path = "/tmp//mapping/" } }.Validate().Mapping!.Path.ShouldBe("/tmp/mapping");

    [Theory]
    [InlineData("tmp")]
    [InlineData("")]
    [InlineData("/tmp/..")]
    public void A_bad_mapping_path_is_refused(string path)
    {
        var error = Should.Throw<AgbException>(() => new AgbSyncPolicy { Mapping = new AgbMappingPolicy { Path = path } }.Validate());
        error.ErrorId.ShouldBe(AgbErrorIds.InvalidPath);
        error.Message.ShouldContain("mapping path");
    }

    [Theory]
    [InlineData("a*", "wildcard")]
    [InlineData("a?", "wildcard")]
    [InlineData("[a]", "wildcard")]
    [InlineData("a\0b", "NUL")]
    [InlineData("../a", "'..'")]
    [InlineData("a/..", "'..'")]
    public void A_bad_path_in_a_list_is_refused(string path, string because)
    {
        AgbSyncPolicy[] policies =
        [
            new() { Recycle = new AgbRecyclePolicy { Paths = [path] } },
            new() { WhiteLists = [new AgbWhiteList { Path = path }] },
            new() { WhiteLists = [new AgbWhiteList { Path = "good", ExcludePaths = [path] }] },
        ];
        foreach (var policy in policies)
        {
            Fault(policy).Message.ShouldContain(because);
        }
    }

    [Fact]
    public void A_list_path_that_is_too_long_is_refused() =>
        Fault(new() { WhiteLists = [new AgbWhiteList { Path = new string('x', 2049) }] }).Message.ShouldContain("2048 bytes");

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void An_empty_white_list_path_is_refused(string path) => Fault(new() { WhiteLists = [new AgbWhiteList { Path = path }] }).Message.ShouldContain("empty");

    [Fact]
    public void Values_that_do_not_exist_are_refused_with_those_that_do()
    {
        Fault(new() { Upload = new AgbUploadPolicy { UploadStrategy = (AgbUploadStrategy)5 } }).Message.ShouldContain(nameof(AgbUploadStrategy.UploadBeforeResourceRelease));
        Fault(new() { Upload = new AgbUploadPolicy { UploadMode = (AgbUploadMode)5 } }).Message.ShouldContain("File, Archive");
        Fault(new() { Download = new AgbDownloadPolicy { DownloadStrategy = (AgbDownloadStrategy)5 } }).Message.ShouldContain(nameof(AgbDownloadStrategy.DownloadAsync));
        var lifecycle = Fault(new() { Recycle = new AgbRecyclePolicy { Lifecycle = (AgbLifecycle)7 } }).Message;
        lifecycle.ShouldContain("'7'");
        foreach (var name in Enum.GetNames<AgbLifecycle>())
        {
            lifecycle.ShouldContain(name);
        }
    }

    [Fact]
    public void All_faults_are_named_at_once()
    {
        var message = Fault(new AgbSyncPolicy
        {
            Upload = new AgbUploadPolicy { UploadStrategy = (AgbUploadStrategy)21, UploadMode = (AgbUploadMode)22 },
            Download = new AgbDownloadPolicy { DownloadStrategy = (AgbDownloadStrategy)23 },
            Recycle = new AgbRecyclePolicy { Lifecycle = (AgbLifecycle)24, Paths = ["r*", "good", "s?"] },
            WhiteLists = [new AgbWhiteList { Path = "w[" }, new AgbWhiteList { Path = "x", ExcludePaths = ["../y", "z]"] }],
        }).Message;
        foreach (var named in (string[])["'21'", "'22'", "'23'", "'24'", "'r*'", "'s?'", "'w['", "'../y'", "'z]'"])
        {
            message.ShouldContain(named);
        }
        message.ShouldNotContain("'good'");
    }

    private static AgbException Fault(AgbSyncPolicy policy)
    {
        var error = Should.Throw<AgbException>(() => policy.Validate());
        (error.ErrorId, error.Kind, error.Target).ShouldBe((AgbErrorIds.InvalidPolicy, AgbErrorKind.InvalidInput, policy));
        return error;
    }
}
