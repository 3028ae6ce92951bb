using Agb.Engine;

namespace Agb.Server;

/// <summary>Checks stores and reports problems as lines of text.</summary>
internal static class FsckCommand
{
    internal const int Sound = 0;
    internal const int ProblemsFound = 1;
    internal const int UsageError = 2;
    internal const int AllRepaired = 3;

    /// <summary>Checks each store, one after the other.</summary>
    /// <returns>0 sound, 1 problems, 2 no store there, 3 all problems repaired.</returns>
    internal static async Task<int> RunAsync(FsckOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var stores = options.Stores(out var error);
        if (error is not null)
        {
            await output.WriteLineAsync(error).ConfigureAwait(false);
            return UsageError;
        }
        var result = Sound;
        foreach (var store in stores)
        {
            result = Worse(result, await CheckAsync(store, options, output, cancellationToken).ConfigureAwait(false));
        }
        return result;
    }

    private static async Task<int> CheckAsync(string store, FsckOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        AgbStoreReport report;
        try
        {
            report = await AgbStore.CheckAsync(
                store, new AgbStoreCheckOptions { Deep = options.Deep, Repair = options.Repair, RemoveOrphans = options.RemoveOrphans },
                cancellationToken).ConfigureAwait(false);
        }
        catch (AgbException e)
        {
            await output.WriteLineAsync($"{store}: check failed: {e.Message}").ConfigureAwait(false);
            return ProblemsFound;
        }
        foreach (var problem in report.Problems)
        {
            await output.WriteLineAsync($"{(problem.IsRepaired ? "repaired" : "PROBLEM ")} {problem}").ConfigureAwait(false);
        }
        foreach (var orphan in report.Orphans)
        {
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{(orphan.KeptBecause is null ? "removed " : "kept    ")} layer {orphan.LayerId}: {orphan.KeptBecause ?? $"{orphan.Files} files, {orphan.Bytes} bytes"}")).ConfigureAwait(false);
        }
        await output.WriteLineAsync(Summary(report, options)).ConfigureAwait(false);
        return report.Problems.Count == 0 ? Sound : report.IsSound ? AllRepaired : ProblemsFound;
    }

    private static string Summary(AgbStoreReport report, FsckOptions options)
    {
        var verdict = report.Problems.Count == 0 ? "sound"
            : report.IsSound ? $"{report.Problems.Count} problem(s), all repaired"
            : $"{report.Problems.Count(p => !p.IsRepaired)} problem(s)";
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{report.HomeDirectory}: {verdict}; {report.Contexts} contexts, {report.Versions} versions, {report.Layers} layers, {report.Entries} entries, {report.BytesRead} bytes read");
        var unknown = report.LayersWithoutSums > 0
            ? $"; {report.LayersWithoutSums} layer(s) of an older version had no checksums to compare{(options.Deep || options.Repair ? "; they are recorded now" : "; record them with --deep")}"
            : "";
        return summary + unknown + (options.Deep && report.FilesWithoutHash > 0 ? $"; the hashes of {report.FilesWithoutHash} file(s) were recorded for the first time" : "");
    }

    private static int Worse(int one, int other) =>
        one == ProblemsFound || other == ProblemsFound ? ProblemsFound : Math.Max(one, other);
}
