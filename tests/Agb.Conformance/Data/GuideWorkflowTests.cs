namespace Agb.Conformance.Data;

/// <summary>Tests of the guide's workflow for data shared across session types.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server | Services.UserOverlay | Services.UserCopy)]
public sealed class GuideWorkflowTests : ServiceTest
{
    private const string Browser = "agb-browser-use-1";
    private const string Code = "agb-code-space-1";

    [Theory]
    [InlineData(Browser, "/tmp/mapping", Code, "/home/data")]
    [InlineData(Code, "/home/project", Browser, "/tmp/workspace")]
    [InlineData(Code, "/home/data", "agb-code-space-2", "/home/data2")]
    public async Task What_one_session_type_stored_another_sees_through_a_mapping(
        string firstImage, string origin, string secondImage, string target)
    {
        const string Content = "Data created in one session, accessed in another";
        var context = await NewContextAsync();
        var first = await StartAsync(firstImage, "data-creation", context.At(origin));
        await ShellAsync(first, $"mkdir -p {origin} && echo '{Content}' > {origin}/test-file.txt");
        (await ShellAsync(first, $"cat {origin}/test-file.txt")).ShouldBe(Content);
        await UploadAsync(first);
        await ReleaseAsync(first);

        var second = await StartAsync(secondImage, "data-access", context.At(target, from: origin));
        // No wait: the data is complete at the start of the session.
        (await ShellAsync(second, $"test -f {target}/test-file.txt && echo EXISTS || echo NOT_FOUND")).ShouldBe("EXISTS");
        (await ShellAsync(second, $"cat {target}/test-file.txt")).ShouldBe(Content);
        await ReleaseAsync(second);
        await Service.RemoveContextAsync(context, Token);
    }

    [Fact]
    public async Task Without_a_mapping_another_path_shows_nothing()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/tmp/mapping", "echo there >test-file.txt");
        var session = await StartAsync(context.At("/home/data"));
        (await TreeAsync(session, "/home/data")).ShouldBeEmpty();
        (await ShellAsync(session, "test -e /tmp/mapping && echo EXISTS || echo NOT_FOUND")).ShouldBe("NOT_FOUND");
    }

    [Fact]
    public async Task Another_context_shows_nothing_through_the_same_mapping()
    {
        var (context, other) = (await NewContextAsync(), await NewContextAsync());
        await FillAsync(context, "/tmp/mapping", "echo there >test-file.txt");
        var session = await StartAsync(other.At("/home/data", from: "/tmp/mapping"));
        (await TreeAsync(session, "/home/data")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_release_alone_stores_the_data_too()
    {
        var context = await NewContextAsync();
        var first = await StartAsync(Browser, "data-creation", context.At("/tmp/mapping"));
        await ShellAsync(first, "echo released >/tmp/mapping/f");
        await ReleaseAsync(first);
        var second = await StartAsync(Code, "data-access", context.At("/home/data", from: "/tmp/mapping"));
        (await ShellAsync(second, "cat /home/data/f")).ShouldBe("released");
    }

    [Fact]
    public async Task The_status_says_that_the_data_was_stored()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At("/tmp/mapping"));
        await ShellAsync(session, "echo 1 >/tmp/mapping/f");
        await UploadAsync(session);
        var status = await Service.GetSyncStatusAsync(session, taskType: AgbSyncTaskType.Upload, cancellationToken: Token);
        status.ShouldHaveSingleItem().ContextId.ShouldBe(context.Id);
        status[0].Path.ShouldBe("/tmp/mapping");
        status[0].Status.ShouldBe(AgbSyncTaskStatus.Success);
    }

    [Fact]
    public async Task The_sessions_user_may_use_a_mapped_directory()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/tmp/mapping", "mkdir d; echo 1 >d/f");
        var session = await StartAsync(Code, "data-access", context.At("/home/data", from: "/tmp/mapping"));
        (await ShellAsync(session, "ls -ld /home/data")).ShouldStartWith("drwxr-xr-x");
        (await ShellAsync(session, "test -O /home/data && test -O /home/data/d/f && echo mine")).ShouldBe("mine");
        await ShellAsync(session, "echo 2 >>d/f && echo 3 >d/g && mv d e && rm e/g", "/home/data");
        (await ShellAsync(session, "cat /home/data/e/f")).ShouldBe("1\n2");
    }

    private Task<AgbSession> StartAsync(string imageId, string purpose, AgbContextSync sync) => StartAsync(new AgbSessionRequest
    {
        ImageId = imageId,
        ContextSyncs = [sync],
        Labels = new Dictionary<string, string> { ["purpose"] = purpose },
    });
}
