using System.Text;

namespace Agb.Engine.Store.Tests;

/// <summary>Stacks stay short, content stays the same, and what nobody needs is collected.</summary>
public sealed class CompactorTests
{
    [Fact]
    public void The_run_with_the_fewest_entries_is_merged()
    {
        var stack = Enumerable.Range(0, 30).Select(i => $"l{i}").ToArray();
        var entries = stack.ToDictionary(l => l, _ => 100L);
        foreach (var small in stack[12..21])
        {
            entries[small] = 1;
        }
        Compactor.SmallestRun(stack, entries).ShouldBe(12);
    }

    [Theory]
    [InlineData(MountKind.Overlay)]
    [InlineData(MountKind.Copy)]
    public async Task A_hundred_uploads_keep_a_short_stack_and_all_content(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("deep", cancellationToken: TestContext.Current.CancellationToken);
        var model = new TreeModel();
        var session = await engine.SessionAsync(context.Id);
        for (var i = 0; i < 100; i++)
        {
            Edit[] edits =
            [
                new WriteEdit($"d{i % 7}/f{i}", $"text {i}"), new RemoveEdit($"d{(i + 3) % 7}/f{i - 10}"),
                i % 10 == 9 ? new ReplaceDirectoryEdit($"d{i % 5}", $"{i}") : new WriteEdit("same", $"{i}"),
            ];
            await engine.RunAsync(session, "cd /data\n" + string.Join('\n', edits.Select(e => e.Shell)));
            Array.ForEach(edits, e => e.Apply(model));
            await engine.SyncAsync(session);
            if (i == 50)
            {
                // Another session, so that the layers that it starts from are compacted ones.
                await engine.RemoveAsync(session);
                session = await engine.SessionAsync(context.Id);
            }
        }
        Stack(engine, context).Length.ShouldBeLessThanOrEqualTo(Compactor.MaxDepth);
        var content = engine.Content(context.Id);
        content.Remove("/data");
        string.Join("\n", content).ShouldBe(string.Join("\n", model.ToSnapshot("/data")));
        await engine.RemoveAsync(session);
    }

    [Fact]
    public async Task Old_versions_and_their_layers_are_collected_and_the_newest_ten_stay()
    {
        var time = new TestClock();
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay, time);
        var context = await engine.Service.CreateContextAsync("aged", cancellationToken: TestContext.Current.CancellationToken);
        for (var i = 0; i < 15; i++)
        {
            var session = await engine.SessionAsync(context.Id);
            await engine.RunAsync(session, $"rm -f /data/*; echo {i} > /data/f{i}");
            await engine.RemoveAsync(session);
            time.Advance(TimeSpan.FromDays(1));
        }
        (await VersionsAsync(engine, context)).ShouldBe(Enumerable.Range(0, 10).Select(i => 15L - i));

        time.Advance(TimeSpan.FromDays(30));
        var last = await engine.SessionAsync(context.Id);
        var kept = engine.Service.Parts.Catalog.Read(tx => VersionTable.LayerEntries(tx, context.Id).Count);
        await engine.RunAsync(last, "cat /data/f14");
        await engine.RemoveAsync(last);
        kept.ShouldBe(Directory.EnumerateDirectories(engine.Service.Parts.Paths.Layers).Count());
        engine.Content(context.Id).Keys.ShouldBe(["/data", "/data/f14"]);
    }

    [Fact]
    public async Task Layers_of_a_running_session_stay_until_it_ends()
    {
        var time = new TestClock();
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay, time);
        var context = await engine.Service.CreateContextAsync("held", cancellationToken: TestContext.Current.CancellationToken);
        var writer = await engine.SessionAsync(context.Id);
        await engine.RunAsync(writer, "echo first > /data/first");
        await engine.SyncAsync(writer);
        var reader = await engine.SessionAsync(context.Id);
        for (var i = 0; i < 40; i++)
        {
            time.Advance(TimeSpan.FromDays(1));
            await engine.RunAsync(writer, $"echo {i} > /data/f; rm -f /data/first");
            await engine.SyncAsync(writer);
        }
        (await engine.RunAsync(reader, "cat /data/first; ls /data")).ShouldBe("first\nfirst\n");
        await engine.RemoveAsync(reader);
        await engine.RemoveAsync(writer);
        engine.Content(context.Id).Keys.ShouldBe(["/data", "/data/f"]);
    }

    [Fact]
    public async Task Layers_that_only_a_session_kept_go_with_the_next_version()
    {
        var time = new TestClock();
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay, time);
        var context = await engine.Service.CreateContextAsync("kept", cancellationToken: TestContext.Current.CancellationToken);
        await WriteAsync(engine, context, 20);
        var kept = Stack(engine, context)[0];
        var reader = await engine.SessionAsync(context.Id);
        await WriteAsync(engine, context, 20);
        Stack(engine, context).ShouldNotContain(kept, "it was merged with others");
        // All but the newest ten of these leave with the next one, and those with the ten after it.
        time.Advance(TimeSpan.FromDays(30));
        await WriteAsync(engine, context, 12);
        var layer = engine.Service.Parts.Paths.Layer(kept);
        Directory.Exists(layer).ShouldBeTrue();

        await engine.RemoveAsync(reader);
        var depth = Stack(engine, context).Length;
        await WriteAsync(engine, context, 1);

        Stack(engine, context).Length.ShouldBe(depth + 1, "a compaction looks for itself");
        Directory.Exists(layer).ShouldBeFalse();
    }

    [Fact]
    public async Task Removing_a_context_removes_its_layers()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await engine.Service.CreateContextAsync("gone", cancellationToken: TestContext.Current.CancellationToken);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, "mkdir /data/closed && echo x > /data/closed/x && chmod 000 /data/closed");
        await engine.RemoveAsync(session);
        await engine.Service.RemoveContextAsync(context, TestContext.Current.CancellationToken);
        Directory.EnumerateFileSystemEntries(engine.Service.Parts.Paths.Layers).ShouldBeEmpty();
    }

    private static async Task WriteAsync(EngineFixture engine, AgbContext context, int versions)
    {
        for (var i = 0; i < versions; i++)
        {
            await engine.Service.ChangeContextFilesAsync(
                context, Change($"{i}"), TestContext.Current.CancellationToken);
        }
    }

    private static IAsyncEnumerable<AgbContextFileChange> Change(string text) => new AgbContextFileChange[]
    {
        new AgbContextFileChange.Put("/data/f", _ => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(text)))),
    }.ToAsyncEnumerable();

    private static string[] Stack(EngineFixture engine, AgbContext context) => LayerStack.Parse(
        engine.Service.Parts.Catalog.Read(tx => VersionTable.HeadStack(tx, ContextTable.ById(tx, context.Id)!)));

    private static async Task<long[]> VersionsAsync(EngineFixture engine, AgbContext context)
    {
        var versions = new List<long>();
        await foreach (var version in engine.Service.ListContextVersionsAsync(context))
        {
            versions.Add(version.Version);
        }
        return [.. versions];
    }
}
