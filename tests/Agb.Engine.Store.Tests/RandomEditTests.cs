using CsCheck;

namespace Agb.Engine.Store.Tests;

/// <summary>Random edits through write, sync, release and remount, compared with a plain model after each step. CsCheck
/// prints the seed of a failing run; CsCheck_Seed in the environment repeats it.</summary>
public sealed class RandomEditTests
{
    [Theory]
    [InlineData(MountKind.Overlay, 6)]
    [InlineData(MountKind.Copy, 4)]
    public async Task A_context_holds_what_its_sessions_did(MountKind kind, int iterations)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        // Two sessions one after the other; the first syncs in between.
        var histories = Edit.Gen.Array[0, 12].Select(Edit.Gen.Array[0, 12], Edit.Gen.Array[0, 12], (a, b, c) => (a, b, c));
        await histories.SampleAsync(
            async history =>
            {
                var context = await engine.Service.CreateContextAsync(Guid.NewGuid().ToString("N"));
                var model = new TreeModel();
                var first = await engine.SessionAsync(context.Id);
                await EditAsync(engine, first, model, history.a);
                await engine.SyncAsync(first);
                Compare(engine, context, model);
                await EditAsync(engine, first, model, history.b);
                await engine.RemoveAsync(first);
                Compare(engine, context, model);
                var second = await engine.SessionAsync(context.Id, "/home/other", Mapped("/data"));
                await EditAsync(engine, second, model, history.c, "/home/other");
                await engine.RemoveAsync(second);
                Compare(engine, context, model);
            },
            iter: LongTests.Times(iterations), threads: 1);
    }

    [Theory]
    [InlineData(MountKind.Overlay, 6)]
    [InlineData(MountKind.Copy, 4)]
    public async Task Two_sessions_at_once_merge_per_file_and_the_later_upload_wins(MountKind kind, int iterations)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var histories = OfOneKind().Array[0, 10].Select(OfOneKind().Array[0, 10], OfOneKind().Array[0, 10], (a, b, c) => (a, b, c));
        await histories.SampleAsync(
            async history =>
            {
                var context = await engine.Service.CreateContextAsync(Guid.NewGuid().ToString("N"));
                var seen = new TreeModel();
                var maker = await engine.SessionAsync(context.Id);
                await EditAsync(engine, maker, seen, history.a);
                await engine.RemoveAsync(maker);
                var (mine, theirs) = (seen.Clone(), seen.Clone());
                var one = await engine.SessionAsync(context.Id);
                var two = await engine.SessionAsync(context.Id);
                await EditAsync(engine, one, mine, history.b);
                await EditAsync(engine, two, theirs, history.c);
                await engine.RemoveAsync(one);
                await engine.SyncAsync(two);
                Compare(engine, context, theirs.UploadOnto(mine.UploadOnto(seen, seen), seen));
                await engine.RemoveAsync(two);
            },
            iter: LongTests.Times(iterations), threads: 1);
    }

    // Upper-case names are directories and lower-case ones files: what happens when one session's directory meets
    // another's file is for tests with examples.
    private static Gen<Edit> OfOneKind()
    {
        var directory = Gen.OneOf("A", "B", "A/C", "B/D");
        var file = directory.Select(Gen.OneOf("x", "y", "z"), (d, f) => $"{d}/{f}");
        var text = Gen.Int[0, 999_999].Select(i => $"text {i}");
        return Gen.Frequency(
            (6, file.Select(text, (p, t) => (Edit)new WriteEdit(p, t))),
            (3, file.Select(p => (Edit)new RemoveEdit(p))),
            (2, directory.Select(p => (Edit)new RemoveEdit(p))),
            (2, directory.Select(p => (Edit)new MakeDirectoryEdit(p))),
            (2, directory.Select(text, (p, t) => (Edit)new ReplaceDirectoryEdit(p, t))));
    }

    private static async Task EditAsync(
        EngineFixture engine, AgbSession session, TreeModel model, IReadOnlyList<Edit> edits, string at = "/data")
    {
        await engine.RunAsync(session, $"cd {at}\n" + string.Join('\n', edits.Select(e => e.Shell)));
        foreach (var edit in edits)
        {
            edit.Apply(model);
        }
    }

    private static void Compare(EngineFixture engine, AgbContext context, TreeModel model)
    {
        var expected = model.ToSnapshot("/data");
        var actual = engine.Content(context.Id);
        actual.Remove("/data");
        string.Join("\n", actual).ShouldBe(string.Join("\n", expected), StringCompareShould.IgnoreLineEndings);
    }

    private static AgbSyncPolicy Mapped(string origin) => new() { Mapping = new AgbMappingPolicy { Path = origin } };
}
