namespace Agb.Conformance.Refusals;

/// <summary>Tests of invalid sync policies: they are refused, and nothing changes.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class PolicyRefusalTests : ServiceTest
{
    [Theory]
    [InlineData("*.log")]
    [InlineData("src/?")]
    [InlineData("src/[ab]")]
    public async Task A_wildcard_in_a_white_list_is_refused(string path)
    {
        await RefusesPolicyAsync(path, new() { WhiteLists = [new AgbWhiteList { Path = path }] });
        await RefusesPolicyAsync(path, new() { WhiteLists = [new AgbWhiteList { Path = "src", ExcludePaths = ["good", path] }] });
    }

    [Fact]
    public Task An_empty_white_list_path_is_refused() => RefusesPolicyAsync("white list", new() { WhiteLists = [new AgbWhiteList { Path = "" }] });

    [Fact]
    public Task A_white_list_path_with_a_step_up_is_refused() =>
        RefusesPolicyAsync("a/../b", new() { WhiteLists = [new AgbWhiteList { Path = "a/../b" }] });

    [Theory]
    [InlineData("logs/*")]
    [InlineData("a?")]
    public Task A_wildcard_in_a_recycle_path_is_refused(string path) =>
        RefusesPolicyAsync(path, new() { Recycle = new AgbRecyclePolicy { Paths = ["good", path] } });

    [Theory]
    [InlineData(7)]
    [InlineData(-1)]
    public Task A_lifecycle_that_does_not_exist_is_refused(int days) =>
        RefusesPolicyAsync("Lifecycle_Forever", new() { Recycle = new AgbRecyclePolicy { Lifecycle = (AgbLifecycle)days } });

    [Fact]
    public Task An_upload_strategy_that_does_not_exist_is_refused() =>
        RefusesPolicyAsync("UploadBeforeResourceRelease", new() { Upload = new AgbUploadPolicy { UploadStrategy = (AgbUploadStrategy)9 } });

    [Fact]
    public Task An_upload_mode_that_does_not_exist_is_refused() =>
        RefusesPolicyAsync("Archive", new() { Upload = new AgbUploadPolicy { UploadMode = (AgbUploadMode)9 } });

    [Fact]
    public Task A_download_strategy_that_does_not_exist_is_refused() =>
        RefusesPolicyAsync("DownloadAsync", new() { Download = new AgbDownloadPolicy { DownloadStrategy = (AgbDownloadStrategy)9 } });

    [Fact]
    public async Task All_faults_of_a_policy_are_named_at_once()
    {
        var context = await NewContextAsync();
        var error = await RefusesSessionAsync(AgbErrorIds.InvalidPolicy, context.At("/home/data", new AgbSyncPolicy
        {
            Recycle = new AgbRecyclePolicy { Lifecycle = (AgbLifecycle)7, Paths = ["r*"] },
            WhiteLists = [new AgbWhiteList { Path = "w*", ExcludePaths = ["e?"] }],
        }));
        foreach (var named in (string[])["'7'", "r*", "w*", "e?"])
        {
            error.Message.ShouldContain(named);
        }
    }

    private async Task RefusesPolicyAsync(string mentioned, AgbSyncPolicy policy)
    {
        var context = await NewContextAsync();
        var error = await RefusesSessionAsync(AgbErrorIds.InvalidPolicy, context.At("/home/data", policy));
        error.Message.ShouldContain(mentioned);
    }
}
