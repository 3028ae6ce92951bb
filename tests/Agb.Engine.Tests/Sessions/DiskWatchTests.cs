namespace Agb.Engine.Tests.Sessions;

/// <summary>What programs may write in a session that is at or over its disk limit.</summary>
public sealed class DiskWatchTests : IDisposable
{
    private const int KiB = 1024;
    private const long Limit = 1024 * KiB;

    private readonly string _session = Directory.CreateTempSubdirectory("agb-watch-tests-").FullName;

    [Fact]
    public void Program_after_program_gets_no_more_than_one_slack()
    {
        Write("first", 900 * KiB);
        New().Allowed.ShouldBe(Limit);
        Write("second", 150 * KiB);
        // However many follow.
        for (var i = 0; i < 3; i++)
        {
            New().Allowed.ShouldBe(Limit + (64 * KiB));
        }
        Write("third", 40 * KiB);
        var over = New();
        over.Allowed.ShouldBeGreaterThan(Limit + (64 * KiB));
        Write("fourth", 16 * KiB);
        BecomesOver(over);
    }

    [Fact]
    public void A_session_far_over_its_limit_may_shrink_and_not_grow_again()
    {
        Write("a", 2048 * KiB);
        Write("b", 2048 * KiB);
        var watch = New();
        var first = watch.Allowed;
        File.Delete(Of("a"));
        SpinWait.SpinUntil(() => watch.IsOver() || watch.Allowed < first, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        watch.HasEnded.ShouldBeFalse("it makes room");
        Write("c", 1024 * KiB);
        BecomesOver(watch);
    }

    [Fact]
    public void A_session_that_is_nested_too_deep_may_not_write_however_much()
    {
        var way = Fd.OpenDirectory(Directory.CreateDirectory(Of("deep")).FullName);
        for (var i = 0; i < 600; i++)
        {
            way.MkdirAt("d");
            var next = way.OpenDirectoryAt("d");
            way.Dispose();
            way = next;
        }
        way.Dispose();
        var watch = New();
        watch.Allowed.ShouldBe(Limit + (64 * KiB));
        BecomesOver(watch);
    }

    public void Dispose() => TreeRemover.Remove(_session);

    private static void BecomesOver(LimitWatch watch)
    {
        SpinWait.SpinUntil(watch.IsOver, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        watch.Reached().ShouldBe(AgbLimitKind.Disk);
    }

    private string Of(string name) => Path.Combine(Directory.CreateDirectory(Path.Combine(_session, SessionLayout.Scratch, "tmp")).FullName, name);

    private void Write(string name, int bytes) => File.WriteAllBytes(Of(name), new byte[bytes]);

    // Its own process is in no sandbox, so that only the directory counts.
    private LimitWatch New() => new(
        new SandboxHandle(Environment.ProcessId, 0, Environment.ProcessId, 0, "", "/bin/sh")
        {
            Controls = SandboxControls.None with { Disk = new DiskQuota(_session, Limit, 0) },
        });
}
