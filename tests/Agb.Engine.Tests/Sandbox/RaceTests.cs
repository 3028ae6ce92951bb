using Agb.Engine.Tests.Conformance;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>Sessions that make links of directories and files while the engine reads or writes their trees. The links lead to a
/// directory of the host that everyone may write to, with the same names in it: whoever follows one brings something out of it, or
/// changes it.</summary>
public sealed class RaceTests : EngineTest
{
    private const string Secret = "of the host";
    private const int Syncs = 8;

    // Of all calls of an operation: the normal run takes a few, spread evenly.
    private const int Swaps = 8;

    private readonly string _bait = Directory.CreateTempSubdirectory("agb-bait-").FullName;

    public static TheoryData<MountKind, AgbSyncTaskType> Ways => new MatrixTheoryData<MountKind, AgbSyncTaskType>(
        [MountKind.Auto, MountKind.Copy], [AgbSyncTaskType.Upload, AgbSyncTaskType.Download]);

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        ProcessFiles.SetMode(_bait, (UnixFileMode)0b111_111_111);
        foreach (var name in new[] { "a", "b", "c" })
        {
            await File.WriteAllTextAsync(Path.Combine(_bait, name), Secret, Token);
            ProcessFiles.SetMode(Path.Combine(_bait, name), (UnixFileMode)0b110_110_110);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        TreeRemover.Remove(_bait);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_directory_that_becomes_a_link_between_two_calls_leads_nowhere(MountKind kind, AgbSyncTaskType way)
    {
        var service = Open(kind: kind);
        var (context, session) = await PrepareAsync(service);
        var bait = Inventory();
        // A round in which nothing is swapped counts the calls.
        var calls = await RoundAsync(int.MaxValue, 0);
        calls.ShouldBeGreaterThan(Swaps);
        for (var i = 0; i < Swaps; i++)
        {
            (await RoundAsync(1 + (i * calls / Swaps), i + 1)).ShouldBeGreaterThan(0);
        }

        async Task<int> RoundAsync(int call, int round)
        {
            var changed = $"for f in a b c; do echo {round} > /data/d/$f; done; mkdir /data/d/new{round}; echo {round} > /data/d/new{round}/a";
            if (way == AgbSyncTaskType.Upload)
            {
                await ShellAsync(service, session, changed);
            }
            else
            {
                await FillAsync(service, context, "/data", changed);
            }
            var swap = new SwapAt(LivePath(service, session), _bait, call);
            using (FaultSeam.Arm(Home.Path, swap))
            {
                await SyncAsync(service, session, way);
            }
            swap.Undo();
            Inventory().ShouldBe(bait, $"after {swap.At}");
            await ShouldNotHoldAsync(service, context, session, swap.At);
            // Nothing is in the way of the next try. What was moved while it was brought counts as the session's own from then on, so
            // that a download replaces it only by force.
            (await SyncAsync(service, session, way, force: way == AgbSyncTaskType.Download)).ShouldBe(AgbSyncTaskStatus.Success, swap.At);
            var ask = $"cat d/a d/b d/c d/new{round}/a | tr '\\n' ' '";
            (way == AgbSyncTaskType.Upload ? await AskAsync(service, context, "/data", ask) : await ShellAsync(service, session, $"cd /data && {ask}"))
                .ShouldBe($"{round} {round} {round} {round} ", swap.At);
            return swap.Calls;
        }
    }

    [Theory]
    [InlineData(MountKind.Auto)]
    [InlineData(MountKind.Copy)]
    public async Task A_session_that_swaps_directories_and_links_all_the_time_leads_nobody_out(MountKind kind)
    {
        var service = Open(kind: kind);
        var (context, session) = await PrepareAsync(service);
        Assert.SkipUnless(
            (await service.RunCommandAsync(session, new AgbCommandRequest { Command = "command -v perl" }, Token)).Success, "The image has no perl.");
        var bait = Inventory();
        // Some hundred thousand renames a second: a directory, a link to a directory, a file, and a link to a file change places.
        await ShellAsync(
            service, session,
            "cat > /tmp/swap.pl <<'END'\n"
            + "my ($bait, $n) = ($ARGV[0], 0); chdir '/data' or die; mkdir 'e'; symlink($bait, 'l'); symlink(\"$bait/a\", 'm');\n"
            + "open(my $f, '>', 'g'); print $f 'mine'; close $f;\n"
            + "while (1) {\n"
            + "  rename('d', 'x'); rename('l', 'd'); rename('d', 'l'); rename('x', 'd');\n"
            + "  rename('g', 'y'); rename('m', 'g'); rename('g', 'm'); rename('y', 'g');\n"
            + "  if ($n++ % 500 == 0) { open(my $c, '>', '/tmp/count.new'); print $c $n; close $c; rename('/tmp/count.new', '/tmp/count'); }\n"
            + "}\nEND\n"
            + $"perl /tmp/swap.pl {_bait} >/dev/null 2>&1 & until [ -e /tmp/count ]; do sleep 0.01; done");
        for (var i = 0; i < Syncs; i++)
        {
            var before = await CountAsync();
            // The last upload may have found the link in the directory's place.
            await FillAsync(service, context, "/data", $"[ ! -L d ] || rm d; mkdir -p d; for f in a b c n{i}; do echo {i} > d/$f; done");
            await SyncAsync(service, session, AgbSyncTaskType.Upload);
            await SyncAsync(service, session, AgbSyncTaskType.Download);
            (await CountAsync()).ShouldBeGreaterThan(before, "it went on swapping all the while");
        }
        Inventory().ShouldBe(bait);
        await ShouldNotHoldAsync(service, context, session, "the race");
        // Whatever the last try found: at rest, the session is stored as it is.
        await ShellAsync(service, session, "pkill -9 perl; cd /data; rm -rf d x l g y m; mkdir d; echo last > d/a");
        (await SyncAsync(service, session, AgbSyncTaskType.Upload)).ShouldBe(AgbSyncTaskStatus.Success);
        (await AskAsync(service, context, "/data", "cat d/a")).ShouldBe("last");

        async Task<long> CountAsync() => long.Parse(await ShellAsync(service, session, "cat /tmp/count"), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<(AgbContext Context, AgbSession Session)> PrepareAsync(EmbeddedService service)
    {
        var context = await service.CreateContextAsync("race", cancellationToken: Token);
        var session = await MountAsync(service, context, "/data");
        // Brought by a download: what an overlay shows of lower directories can't be renamed, and what the session itself made is not
        // replaced by a download.
        await FillAsync(service, context, "/data", "mkdir d; for f in a b c; do echo first > d/$f; done");
        (await SyncAsync(service, session, AgbSyncTaskType.Download)).ShouldBe(AgbSyncTaskStatus.Success);
        await ShellAsync(service, session, "cd /data && mv d e && mv e d");
        return (context, session);
    }

    /// <summary>Syncs, and waits for the end; a sync that fails says why by a typed error.</summary>
    private static async Task<AgbSyncTaskStatus> SyncAsync(EmbeddedService service, AgbSession session, AgbSyncTaskType way, bool force = false)
    {
        await service.StartSyncAsync(session, new AgbSyncRequest { Mode = way, Force = force }, Token);
        var task = (await service.WaitSyncAsync(session, TimeSpan.FromMinutes(2), cancellationToken: Token)).Single(t => t.TaskType == way);
        (task.ErrorMessage ?? "").ShouldNotContain("NullReference");
        return task.Status;
    }

    /// <summary>Asserts that neither the context nor the session has anything of the host's, looking without following links.</summary>
    private static async Task ShouldNotHoldAsync(EmbeddedService service, AgbContext context, AgbSession session, string after)
    {
        const string Look = "grep -rl 'of the host' /data /tmp | wc -l";
        (await ShellAsync(service, session, Look)).ShouldBe("0", after);
        (await AskAsync(service, context, "/data", Look)).ShouldBe("0", after);
    }

    /// <summary>The mount as the session sees it, by a path of the host.</summary>
    private static string LivePath(EmbeddedService service, AgbSession session) =>
        $"/proc/{service.Parts.Catalog.Read(tx => SessionTable.Find(tx, session.SessionId))!.Handle()!.InitPid}/root/data";

    private string Inventory()
    {
        using var bait = Fd.OpenDirectory(_bait);
        return string.Join('\n', Directory.GetFileSystemEntries(_bait).Order(StringComparer.Ordinal).Select(f =>
        {
            var stat = bait.StatAt(Path.GetFileName(f));
            return $"{f} {stat.Mode} {stat.Uid} {stat.MtimeNs} {stat.CtimeNs} {File.ReadAllText(f)}";
        }).Append($"{bait.Stat().Mode} {bait.Stat().Uid} {bait.Stat().CtimeNs}"));
    }

    /// <summary>Puts a link in the place of the directory <c>d</c> before the n-th call that changes something.</summary>
    private sealed class SwapAt(string tree, string bait, int call) : IFaults
    {
        private readonly Lock _gate = new();

        internal int Calls { get; private set; }

        internal string At { get; private set; } = "no call";

        public long Reach(string operation, string path, long count)
        {
            lock (_gate)
            {
                if (++Calls == call)
                {
                    At = $"{operation} {path}";
                    Directory.Move($"{tree}/d", $"{tree}/away");
                    File.CreateSymbolicLink($"{tree}/d", bait);
                }
            }
            return count;
        }

        internal void Undo()
        {
            if (new DirectoryInfo($"{tree}/d").LinkTarget is not null)
            {
                File.Delete($"{tree}/d");
                Directory.Move($"{tree}/away", $"{tree}/d");
            }
        }
    }
}
