using CsCheck;

namespace Agb.Engine.Store.Tests;

/// <summary>Random changes of one session, downloaded by another: that one then sees what a new session sees, in kind, mode, time,
/// attributes, link target and content. CsCheck prints the seed of a failing run; CsCheck_Seed in the environment repeats it.</summary>
public sealed class RandomDownloadTests
{
    /// <summary>All of a tree that an upload stores, but the time of a directory that nothing else changed.</summary>
    private const string Look = "import os, sys, stat\n"
        + "def show(p):\n"
        + " s = os.lstat(p); m = s.st_mode\n"
        + " x = sorted((a, os.getxattr(p, a)) for a in os.listxattr(p)) if stat.S_ISREG(m) or stat.S_ISDIR(m) else []\n"
        + " c = open(p, 'rb').read() if stat.S_ISREG(m) else os.readlink(p) if stat.S_ISLNK(m) else ''\n"
        + " print(p, oct(m), s.st_mtime_ns, x, c)\n"
        + "show('.')\n"
        + "for d, ds, fs in os.walk('.'):\n"
        + " for n in sorted(ds + fs): show(os.path.join(d, n))\n"
        + " ds.sort()\n";

    private static readonly string[] s_paths =
        ["a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "d/e/f", "g", "g/a"];

    // Each begins with a directory above, and goes on whatever is there: not all steps can be taken everywhere.
    private static readonly Gen<string> s_step = Gen.Select(Gen.OneOf(s_paths), Gen.OneOf(s_paths), Gen.Int[0, 12], Gen.Int[0, 99]).Select((p, q, what, n) => what switch
    {
        0 => $"mkdir -p $(dirname {p}); [ -p {p} ] || echo {n} >{p}",
        1 => $"[ -f {p} ] && [ ! -L {p} ] && {{ printf %04d {n} >{p}; touch -d @1000000000 {p}; }}",
        2 => $"[ -L {p} ] || chmod {(n % 2 == 0 ? 700 : 755)} {p}",
        3 => $"[ -e {p} ] && [ ! -L {p} ] && python3 -c 'import os; os.setxattr(\"{p}\", \"user.n\", b\"{n}\")'",
        4 => $"rm -rf {p}; ln -s {n} {p}",
        5 => $"rm -rf {p}; mkdir -p {p}",
        6 => $"rm -rf {p}",
        7 => $"rm -rf {p}; mkfifo {p}",
        8 => $"[ -f {p} ] && [ ! -L {p} ] && ln -f {p} {q}",
        9 => $"rm -rf {q}; cp -a {p} {q}",
        10 => $"[ -d {p} ] && rm -rf {q} && cp -a {p} /tmp/c && rm -rf {p} && mv /tmp/c {p}",
        11 => $"[ -e {p} ] && [ ! -L {p} ] && touch -d @{1_000_000_000 + n} {p}; [ -p {q} ] || echo {n} >>{q}",
        _ => $"[ -L {p} ] && ln -sfn {n}x {p}",
    });

    // What the other session does before each of its uploads, and whether this one uploads in between.
    private static readonly Gen<(string[] Steps, bool Forced)[]> s_rounds = Gen.Select(s_step.Array[1, 8], Gen.Bool).Array[1, 4];

    [Theory]
    [InlineData(MountKind.Overlay, AgbUploadMode.File, 3)]
    [InlineData(MountKind.Copy, AgbUploadMode.File, 2)]
    [InlineData(MountKind.Overlay, AgbUploadMode.Archive, 2)]
    public async Task A_session_that_downloads_sees_what_a_new_one_sees(MountKind kind, AgbUploadMode mode, int iterations)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var policy = new AgbSyncPolicy { Upload = new AgbUploadPolicy { UploadMode = mode } };
        await Gen.Select(s_step.Array[3, 12], s_rounds).SampleAsync(
            async (first, rounds) =>
            {
                var context = await engine.Service.CreateContextAsync(Guid.NewGuid().ToString("N"));
                var writer = await engine.SessionAsync(context.Id, policy: policy);
                await ChangeAsync(engine, writer, ["mkdir -p d/e g; echo 1 >a; echo 2 >d/b; echo 3 >d/e/f", .. first]);
                await engine.SyncAsync(writer);
                var reader = await engine.SessionAsync(context.Id, policy: policy);
                foreach (var (steps, forced) in rounds)
                {
                    await ChangeAsync(engine, writer, steps);
                    await engine.SyncAsync(writer);
                    var task = await DownloadAsync(engine, reader, forced);
                    task.Skipped.ShouldBeEmpty();
                    var fresh = await engine.SessionAsync(context.Id, policy: policy);
                    (await LookAsync(engine, reader)).ShouldBe(await LookAsync(engine, fresh), $"after {string.Join("; ", steps)}");
                    await engine.Service.RemoveSessionAsync(fresh, AgbReleaseMode.Discard);
                }
                // Nothing of what came passes for the session's own work.
                (await engine.SyncAsync(reader)).Single(t => t.TaskType == AgbSyncTaskType.Upload).Version.ShouldBeNull();
                await engine.RemoveAsync(reader);
                await engine.RemoveAsync(writer);
            },
            iter: LongTests.Times(iterations), threads: 1);
    }

    private static Task ChangeAsync(EngineFixture engine, AgbSession session, string[] steps) =>
        engine.RunAsync(session, "cd /data; " + string.Join("\n", steps.Select(s => $"( {s} ) 2>/dev/null;")) + "\ntrue");

    private static Task<string> LookAsync(EngineFixture engine, AgbSession session) =>
        engine.RunAsync(session, $"cd /data && python3 - <<'END'\n{Look}END\n");

    private static async Task<AgbSyncStatus> DownloadAsync(EngineFixture engine, AgbSession session, bool force)
    {
        await engine.Service.StartSyncAsync(session, new AgbSyncRequest { Mode = AgbSyncTaskType.Download, Force = force });
        var task = (await engine.Service.WaitSyncAsync(session, TimeSpan.FromMinutes(2))).Single(t => t.TaskType == AgbSyncTaskType.Download);
        task.Status.ShouldBe(AgbSyncTaskStatus.Success, task.ErrorMessage);
        return task;
    }
}
