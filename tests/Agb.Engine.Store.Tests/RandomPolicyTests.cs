using CsCheck;

namespace Agb.Engine.Store.Tests;

/// <summary>Random edits by sessions under random policies, compared with a plain model of the policies. Every pair of fields
/// comes up. CsCheck prints the seed of a failing run; CsCheck_Seed in the environment repeats it.</summary>
public sealed class RandomPolicyTests
{
    private static readonly string[] s_paths = ["a/x", "a/y", "a/z", "b/x", "b/y", "c"];

    [Theory]
    [InlineData(MountKind.Overlay, AgbUploadMode.File, 4)]
    [InlineData(MountKind.Copy, AgbUploadMode.File, 3)]
    [InlineData(MountKind.Overlay, AgbUploadMode.Archive, 3)]
    [InlineData(MountKind.Copy, AgbUploadMode.Archive, 2)]
    public async Task Sessions_do_what_their_policies_say(MountKind kind, AgbUploadMode mode, int iterations)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var policy = Gen.Bool.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, (a, b, c, d, e) => new PolicyChoice(a, b, c, d, e));
        // A number writes it, null deletes.
        var edits = Gen.Int[0, s_paths.Length - 1].Select(Gen.Int[0, 3], (p, v) => (Path: s_paths[p], Text: v == 0 ? null : $"{v}")).Array[0, 6];
        var rounds = policy.Select(edits, edits, edits, Gen.Bool, (p, one, others, two, force) => (p, one, others, two, force)).Array[1, 3];
        await rounds.SampleAsync(
            async history =>
            {
                var context = await engine.Service.CreateContextAsync(Guid.NewGuid().ToString("N"));
                var model = new PolicyModel();
                var stamp = 0;
                foreach (var (choice, first, others, second, force) in history)
                {
                    var path = choice.IsMapped ? "/home/mapped" : "/data";
                    var session = await engine.SessionAsync(context.Id, path, choice.ToPolicy(mode));
                    var mine = model.Given(choice);
                    (await TreeAsync(engine, session, path)).ShouldBe(Show(mine));
                    var agreed = new Dictionary<string, string>(mine);
                    await EditAsync(engine, session, path, mine, first, ++stamp);
                    await engine.SyncAsync(session);
                    model.Upload(choice, agreed, mine);
                    agreed = Listed(choice, mine, agreed);
                    await OtherSessionAsync(engine, context, model, mode, others, ++stamp);
                    await EditAsync(engine, session, path, mine, second, ++stamp);
                    await DownloadAsync(engine, session, force);
                    model.Download(choice, agreed, mine, force);
                    (await TreeAsync(engine, session, path)).ShouldBe(Show(mine));
                    await engine.Service.RemoveSessionAsync(session, AgbReleaseMode.Discard);
                    await ShouldHoldAsync(engine, context, model, mode);
                }
            },
            iter: LongTests.Times(iterations), threads: 1);
    }

    [Theory]
    [InlineData(MountKind.Overlay, AgbUploadMode.File, 3)]
    [InlineData(MountKind.Copy, AgbUploadMode.Archive, 2)]
    public async Task Releases_do_what_their_policies_say(MountKind kind, AgbUploadMode mode, int iterations)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var policy = Gen.Bool.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, (a, b, c, d, e) => new PolicyChoice(a, b, c, d, e));
        var edits = Gen.Int[0, s_paths.Length - 1].Select(Gen.Int[0, 3], (p, v) => (Path: s_paths[p], Text: v == 0 ? null : $"{v}")).Array[0, 8];
        await policy.Select(edits, (p, e) => (p, e)).Array[1, 5].SampleAsync(
            async history =>
            {
                var context = await engine.Service.CreateContextAsync(Guid.NewGuid().ToString("N"));
                var model = new PolicyModel();
                var stamp = 0;
                foreach (var (choice, changes) in history)
                {
                    var path = choice.IsMapped ? "/home/mapped" : "/data";
                    var session = await engine.SessionAsync(context.Id, path, choice.ToPolicy(mode));
                    var mine = model.Given(choice);
                    var agreed = new Dictionary<string, string>(mine);
                    await EditAsync(engine, session, path, mine, changes, ++stamp);
                    await engine.RemoveAsync(session);
                    if (choice.AutoUpload)
                    {
                        model.Upload(choice, agreed, mine);
                    }
                    await ShouldHoldAsync(engine, context, model, mode);
                }
            },
            iter: LongTests.Times(iterations), threads: 1);
    }

    // What is not listed is not uploaded, so session and context never agree on it; what was deleted and is kept in the
    // context was agreed on as it was.
    private static Dictionary<string, string> Listed(
        PolicyChoice choice, Dictionary<string, string> mine, Dictionary<string, string> agreed)
    {
        var now = mine.Where(m => choice.IsListed(m.Key)).ToDictionary(m => m.Key, m => m.Value);
        foreach (var (path, text) in choice.MirrorsDeletions ? [] : agreed.Where(a => !mine.ContainsKey(a.Key)))
        {
            now[path] = text;
        }
        return now;
    }

    private static async Task EditAsync(
        EngineFixture engine, AgbSession session, string path, Dictionary<string, string> tree, (string Path, string? Text)[] edits, int stamp)
    {
        var script = $"cd {path}\n";
        foreach (var (file, text) in edits)
        {
            if (text is null)
            {
                tree.Remove(file);
                script += $"rm -f {file}\n";
            }
            else
            {
                // Never the same content twice: what the model takes for untouched is then really so.
                tree[file] = $"{stamp}-{text}";
                script += $"mkdir -p \"$(dirname {file})\"; printf %s {stamp}-{text} > {file}\n";
            }
        }
        await engine.RunAsync(session, script + "true");
    }

    private static async Task OtherSessionAsync(
        EngineFixture engine, AgbContext context, PolicyModel model, AgbUploadMode mode, (string Path, string? Text)[] edits, int stamp)
    {
        var all = new PolicyChoice(true, true, true, false, false);
        var session = await engine.SessionAsync(context.Id, policy: all.ToPolicy(mode));
        var tree = model.Given(all);
        var before = new Dictionary<string, string>(tree);
        await EditAsync(engine, session, "/data", tree, edits, stamp);
        await engine.RemoveAsync(session);
        model.Upload(all, before, tree);
    }

    private static async Task DownloadAsync(EngineFixture engine, AgbSession session, bool force)
    {
        await engine.Service.StartSyncAsync(session, new AgbSyncRequest { Mode = AgbSyncTaskType.Download, Force = force });
        (await engine.Service.WaitSyncAsync(session, TimeSpan.FromMinutes(1))).ShouldAllBe(t => t.Status == AgbSyncTaskStatus.Success);
    }

    private static async Task ShouldHoldAsync(EngineFixture engine, AgbContext context, PolicyModel model, AgbUploadMode mode)
    {
        var look = await engine.SessionAsync(context.Id, policy: new PolicyChoice(false, true, true, false, false).ToPolicy(mode));
        (await TreeAsync(engine, look, "/data")).ShouldBe(Show(model.Stored));
        await engine.Service.RemoveSessionAsync(look, AgbReleaseMode.Discard);
    }

    private static async Task<string> TreeAsync(EngineFixture engine, AgbSession session, string path) => (await engine.RunAsync(
        session, $"cd {path}; find . -type f -printf '%P\\n' | LC_ALL=C sort | while read f; do printf '%s=%s\\n' \"$f\" \"$(cat \"$f\")\"; done")).TrimEnd('\n');

    private static string Show(IReadOnlyDictionary<string, string> tree) =>
        string.Join('\n', tree.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key}={t.Value}"));
}
