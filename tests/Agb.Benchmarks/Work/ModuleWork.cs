using System.Globalization;
using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Work;

/// <summary>The module in PowerShell: its import beside that of an empty binary module with as many cmdlets, and a cmdlet without I/O
/// in a pipeline. PowerShell times itself, so that its own start does not count.</summary>
internal sealed class ModuleWork : Benchmark
{
    private const string PolicyScript =
        """
        $paths = foreach ($number in 1..COUNT) { '/tmp/mapping' }
        foreach ($round in 0..ROUNDS) {
            $ours = (Measure-Command { $paths | New-AgbSyncPolicy }).TotalMilliseconds
            $theirs = (Measure-Command { $paths | ForEach-Object { New-AgbSyncPolicy -MappingPath $_ } }).TotalMilliseconds
            if ($round) { [string]::Format([cultureinfo]::InvariantCulture, '{0} {1}', $ours, $theirs) }
        }
        """;

    private const string EmptyScript =
        """
        $names = (Import-PowerShellDataFile 'MANIFEST').CmdletsToExport
        $types = foreach ($name in $names) {
            $verb, $noun = $name -split '-'
            "[Cmdlet(`"$verb`", `"Nothing$noun`")] public class $verb$noun : PSCmdlet { }"
        }
        Add-Type -OutputAssembly 'PLACE/Empty.dll' -TypeDefinition ("using System.Management.Automation;`n" + ($types -join "`n"))
        New-ModuleManifest 'PLACE/Empty.psd1' -RootModule Empty.dll -CmdletsToExport ($names -replace '-', '-Nothing')
        """;

    /// <inheritdoc/>
    internal override string Name => "module";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var manifest = FindManifest();
        var missing = stand.Programs.WhyMissing("pwsh")
            ?? (manifest is null || !Directory.Exists(Path.Combine(Path.GetDirectoryName(manifest)!, "bin")) ? "the module is not built: ./build.ps1" : null);
        yield return await ImportAsync(stand, manifest!, missing).ConfigureAwait(false);
        yield return await PolicyAsync(stand, manifest!, missing).ConfigureAwait(false);
    }

    private async Task<Row> ImportAsync(TestStand stand, string manifest, string? missing)
    {
        var row = new Row
        {
            Name = Name + "/import", Work = "import of the module", Peer = "an empty binary module with as many cmdlets", Target = 1.5, Missing = missing,
        };
        if (missing is not null)
        {
            return row;
        }
        var place = stand.NewDirectory("module");
        await ShellAsync(stand, EmptyScript.Replace("MANIFEST", manifest, StringComparison.Ordinal).Replace("PLACE", place, StringComparison.Ordinal)).ConfigureAwait(false);
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var i = 0; i < stand.WarmUps + stand.ShortRuns; i++)
        {
            stand.Stopping.ThrowIfCancellationRequested();
            var (mine, empty) = (await TimeImportAsync(stand, manifest).ConfigureAwait(false), await TimeImportAsync(stand, Path.Combine(place, "Empty.psd1")).ConfigureAwait(false));
            if (i >= stand.WarmUps)
            {
                ours.Add(mine);
                theirs.Add(empty);
            }
        }
        return row with { Ours = new Samples(ours), Theirs = new Samples(theirs) };
    }

    private async Task<Row> PolicyAsync(TestStand stand, string manifest, string? missing)
    {
        var count = stand.Quick ? 100 : 10_000;
        var row = new Row
        {
            Name = Name + "/policy", Work = $"{count:N0} mapping paths through New-AgbSyncPolicy", Peer = "a command for each, as before the issue",
            Target = 0.3, Missing = missing,
        };
        if (missing is not null)
        {
            return row;
        }
        var script = PolicyScript.Replace("COUNT", Text(count), StringComparison.Ordinal).Replace("ROUNDS", Text(stand.LongRuns), StringComparison.Ordinal);
        var lines = (await ShellAsync(stand, $"Import-Module '{manifest}'\n{script}").ConfigureAwait(false)).Split('\n', StringSplitOptions.TrimEntries);
        var times = lines.Select(l => l.Split(' ').Select(t => double.Parse(t, CultureInfo.InvariantCulture)).ToArray()).ToArray();
        return row with { Ours = new Samples(times.Select(t => t[0])), Theirs = new Samples(times.Select(t => t[1])) };
    }

    private static async Task<double> TimeImportAsync(TestStand stand, string module) => double.Parse(
        await ShellAsync(stand, $"$watch = [Diagnostics.Stopwatch]::StartNew(); Import-Module '{module}'; $watch.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)")
            .ConfigureAwait(false),
        CultureInfo.InvariantCulture);

    private static Task<string> ShellAsync(TestStand stand, string script) =>
        stand.Programs.RunAsync("pwsh", "-NoProfile", "-NonInteractive", "-Command", script);

    private static string? FindManifest()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Agb.psd1")))
            {
                return Path.Combine(directory, "Agb.psd1");
            }
        }
        return null;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
