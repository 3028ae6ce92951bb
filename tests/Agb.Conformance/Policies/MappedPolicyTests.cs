namespace Agb.Conformance.Policies;

/// <summary>Tests of policies under mappings: a mapping changes only the place of data. Every policy works as without it, in both
/// directions and along a chain of mappings.</summary>
[RunsOn(Services.Overlay | Services.Copy)]
public sealed class MappedPolicyTests : ServiceTest
{
    private const string Origin = "/tmp/origin";
    private const string Target = "/home/data";

    private static readonly Dictionary<string, (AgbSyncPolicy Policy, string[] Sees, string[] Stored)> s_cases = new()
    {
        ["nothing else"] = (new(), ["a.zip.txt=1", "d/", "d/f=1", "z/", "z/m=1"], ["a.zip.txt=2", "n=2", "z/", "z/m=1"]),
        ["no upload"] = (
            new() { Upload = new AgbUploadPolicy { AutoUpload = false } }, ["a.zip.txt=1", "d/", "d/f=1", "z/", "z/m=1"],
            ["a.zip.txt=1", "d/", "d/f=1", "z/", "z/m=1"]),
        ["no download"] = (
            new() { Download = new AgbDownloadPolicy { AutoDownload = false } }, [], ["a.zip.txt=2", "d/", "d/f=1", "n=2", "z/", "z/m=1"]),
        ["no deletions"] = (
            new() { Delete = new AgbDeletePolicy { SyncLocalFile = false } }, ["a.zip.txt=1", "d/", "d/f=1", "z/", "z/m=1"],
            ["a.zip.txt=2", "d/", "d/f=1", "n=2", "z/", "z/m=1"]),
        ["a white list"] = (
            new() { WhiteLists = [new AgbWhiteList { Path = "/home/data/d" }, new AgbWhiteList { Path = "n" }] }, ["d/", "d/f=1"],
            ["a.zip.txt=1", "n=2", "z/", "z/m=1"]),
        ["extraction beside"] = (
            new() { Extract = new AgbExtractPolicy { ExtractToCurrentFolder = true } }, ["a.zip.txt=1", "d/", "d/f=1", "m=1"],
            ["a.zip.txt=2", "n=2", "z/", "z/m=1"]),
        ["a lifecycle"] = (
            new() { Recycle = new AgbRecyclePolicy { Lifecycle = AgbLifecycle.Lifecycle_1Day } }, ["a.zip.txt=1", "d/", "d/f=1", "z/", "z/m=1"],
            ["a.zip.txt=2", "n=2", "z/", "z/m=1"]),
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Fact]
    public async Task What_is_put_under_the_path_of_origin_without_a_session_appears_at_the_target()
    {
        var context = await NewContextAsync();
        await context.PutAsync(("/tmp/mapping/d/f", "put"));
        var session = await StartAsync(context.At("/home/data", new AgbSyncPolicy { Mapping = new AgbMappingPolicy { Path = "/tmp/mapping" } }));
        (await ShellAsync(session, "cat d/f", "/home/data")).ShouldBe("put");
        await ShellAsync(session, "echo -n changed >d/f", "/home/data");
        await ReleaseAsync(session);
        (await context.ReadAsync("/tmp/mapping/d/f")).ShouldBe("changed");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_policy_does_the_same_under_a_mapping(string name)
    {
        var (policy, sees, stored) = s_cases[name];
        var context = await NewContextAsync();
        await FillAsync(context, Origin, "mkdir d; echo 1 >d/f; echo 1 >a.zip.txt\n" + Archives.Write("z.zip", Archives.Zip(("m", "1"))));
        var mapped = await StartAsync(context.At(Target, policy with { Mapping = new AgbMappingPolicy { Path = Origin } }));
        (await TreeAsync(mapped, Target)).ShouldBe(sees);
        await ShellAsync(mapped, "echo 2 >a.zip.txt; rm -rf d; echo 2 >n", Target);
        await ReleaseAsync(mapped);
        (await StoredAsync(context, Origin)).ShouldBe(stored);
        (await StoredAsync(context, Target)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(AgbUploadMode.File)]
    [InlineData(AgbUploadMode.Archive)]
    public async Task A_chain_of_mappings_keeps_the_origin_and_the_mode(AgbUploadMode mode)
    {
        var policy = new AgbSyncPolicy { Upload = new AgbUploadPolicy { UploadMode = mode } };
        var mapped = policy with { Mapping = new AgbMappingPolicy { Path = Origin } };
        var context = await NewContextAsync();
        foreach (var (path, own) in ((string, AgbSyncPolicy)[])[(Origin, policy), ("/home/b", mapped), ("/srv/c", mapped)])
        {
            var session = await StartAsync(context.At(path, own));
            await ShellAsync(session, "echo x >\"$(ls | wc -l)\"", path);
            await ReleaseAsync(session);
        }
        (await TreeAsync(await StartAsync(context.At(Origin, policy)), Origin)).ShouldBe(["0=x", "1=x", "2=x"]);
        (await Service.GetContextPathsAsync(context, Token)).ShouldBe([Origin]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_mapping_onto_nothing_is_an_empty_mount_under_every_policy(string name)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Target, s_cases[name].Policy with { Mapping = new AgbMappingPolicy { Path = "/tmp/nothing" } }));
        (await TreeAsync(session, Target)).ShouldBeEmpty();
        await ShellAsync(session, "echo 1 >n", Target);
        await Service.RemoveSessionAsync(session, AgbReleaseMode.Upload, cancellationToken: Token);
        (await StoredAsync(context, "/tmp/nothing")).ShouldBe(["n=1"]);
    }
}
