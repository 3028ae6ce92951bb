using System.Diagnostics;
using System.Globalization;

namespace Agb.Soak.PowerCuts;

/// <summary>Cuts the power of a store under load, again and again, and checks after each cut what the next boot finds. Needs root.</summary>
/// <param name="cuts">How often.</param>
/// <param name="seed">What decides.</param>
/// <param name="page">The page that gets the figures between its marks, or null.</param>
/// <param name="withoutFlush">Whether the engine's flushes are left out: the test of this test, which must find losses.</param>
internal sealed class PowerCuts(int cuts, int seed, string? page, bool withoutFlush)
{
    private readonly Random _random = new(seed);
    private string _directory = "";
    private readonly List<string> _faults = [];
    private int _sessions;

    /// <summary>Runs in a mount namespace of this process's own, so that no mount outlives it.</summary>
    /// <returns>0 when nothing was lost.</returns>
    internal static async Task<int> RunApartAsync(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(
            "unshare", ["--mount", "--propagation", "private", "dotnet", typeof(PowerCuts).Assembly.Location, "power-cuts-apart", .. arguments]))!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    internal static PowerCuts Of(string[] arguments, string? page)
    {
        int cuts = 50, seed = Random.Shared.Next();
        var withoutFlush = false;
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--cuts":
                    cuts = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--seed":
                    seed = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--without-flush":
                    withoutFlush = true;
                    break;
                default:
                    throw new ArgumentException($"Not an option of power-cuts: {arguments[i]}");
            }
        }
        return new PowerCuts(cuts, seed, page, withoutFlush);
    }

    internal async Task<int> RunAsync(TextWriter output)
    {
        var journal = new CutJournal();
        _directory = Directory.CreateTempSubdirectory("agb-power-cuts-").FullName;
        try
        {
            await output.WriteLineAsync($"seed {seed}, {cuts} cuts");
            using var disk = CutDisk.Make(_directory);
            using var load = new CutLoad(Path.Combine(disk.Mount, "home"), seed, journal);
            await load.BeginAsync();
            if (withoutFlush)
            {
                // Release builds have no such seam, and need none for the proof itself.
                FaultSeam.LeaveFlushesOut = true;
            }
            using var stop = new CancellationTokenSource();
            var work = load.RunAsync(stop.Token);
            for (var i = 1; i <= cuts && load.Failure is null && _faults.Count == 0; i++)
            {
                // At a random instant; the first when there is something to lose.
                var clock = Stopwatch.StartNew();
                var wait = TimeSpan.FromMilliseconds(_random.Next(100, 3000));
                var before = journal.Count;
                while ((clock.Elapsed < wait || journal.Count == before) && load.Failure is null)
                {
                    await Task.Delay(10);
                }
                await CutAsync(disk, journal, i);
                await output.WriteLineAsync($"cut {i}: {journal.Count} values acknowledged so far, {_sessions} sessions ended by cuts, {_faults.Count} faults");
            }
            await stop.CancelAsync();
            await work;
            await load.EndAsync();
            if (load.Failure is { } failure)
            {
                _faults.Add(failure.ToString());
            }
        }
        finally
        {
            Directory.Delete(_directory, recursive: true);
        }
        foreach (var fault in _faults.Take(20))
        {
            await output.WriteLineAsync(fault);
        }
        if (_faults.Count == 0)
        {
            await FigurePage.WriteAsync(page, "power-cuts", Figures(journal.Count));
        }
        return _faults.Count == 0 ? 0 : 1;
    }

    private async Task CutAsync(CutDisk disk, CutJournal journal, int number)
    {
        var before = journal.Acknowledged();
        var clone = disk.Cut(number);
        var file = Path.Combine(_directory, "expected.json");
        CutJournal.Save(file, journal.After(before));
        var boot = Path.Combine(_directory, "boot");
        await File.WriteAllTextAsync(boot, Guid.NewGuid() + "\n");
        var mount = Directory.CreateDirectory(Path.Combine(_directory, "cut")).FullName;
        const string Script =
            "mount -o loop \"$1\" \"$2\" && mount --bind \"$3\" /proc/sys/kernel/random/boot_id && exec dotnet \"$4\" power-cut-check \"$2/home\" \"$5\"";
        using var check = Process.Start(new ProcessStartInfo(
            "unshare",
            ["--mount", "--propagation", "private", "bash", "-c", Script, "check", clone, mount, boot, typeof(PowerCuts).Assembly.Location, file])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = check.StandardError.ReadToEndAsync();
        var lines = (await check.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await check.WaitForExitAsync();
        if (check.ExitCode != 0)
        {
            _faults.AddRange(lines.SkipLast(1).Select(l => $"cut {number}: {l}"));
            _faults.Add($"cut {number}: the check ended with {check.ExitCode} {await errors}");
        }
        else
        {
            _sessions += int.Parse(lines[^1], CultureInfo.InvariantCulture);
        }
        CutDisk.Forget(clone);
    }

    private string Figures(int acknowledged) => string.Create(CultureInfo.InvariantCulture, $"""
        | power cuts | values acknowledged | lost | torn | sessions ended by a cut | findings of `fsck --deep` |
        |---|---|---|---|---|---|
        | {cuts} | {acknowledged:N0} | 0 | 0 | {_sessions:N0} | 0 |
        """);
}
