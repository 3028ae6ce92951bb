using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Remove-AgbContextFile</c>: removes files of contexts, without a session.</summary>
[Cmdlet(VerbsCommon.Remove, "AgbContextFile", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium,
    DefaultParameterSetName = PathSet)]
[OutputType(typeof(void))]
public sealed class RemoveAgbContextFileCommand : AgbContextFileCmdlet
{
    private readonly Dictionary<(IAgbService, string), (ContextView View, List<string> Paths)> _doomed = [];

    /// <summary>The patterns.</summary>
    [Parameter(ParameterSetName = PathSet, Position = 1, HelpMessage = "Absolute paths in the context; wildcards are allowed.")]
    [SupportsWildcards]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextFileCompleter))]
    public override string[] Path { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => ForEachPath(null, async (view, path, isLiteral, token) =>
    {
        await foreach (var file in FindAsync(view, path, isLiteral, token).ConfigureAwait(false))
        {
            if (file.Path == "/")
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidPath, $"The root of context '{view.Context.Name}' can't be removed.",
                    "Clear-AgbContext removes all data of a context.", path);
            }
            try
            {
                await RequireNameAsync(view, file, token).ConfigureAwait(false);
            }
            catch (AgbException e)
            {
                EmitError(e, file);
                continue;
            }
            if (await Pump.InvokeAsync(() => ShouldProcess($"'{file.Path}' of context '{view.Context.Name}'", "Remove")).ConfigureAwait(false))
            {
                Add(view, file.Path);
            }
        }
    });

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach (var (view, paths) in _doomed.Values)
        {
            RunItem(view.Context, token => CallAsync(
                view.Service, $"remove {paths.Count} paths of context '{view.Context.Name}'",
                () => view.Service.ChangeContextFilesAsync(view.Context, Changes(paths), token)));
        }
    }

    private void Add(ContextView view, string path)
    {
        var key = (view.Service, view.Context.Id);
        if (!_doomed.TryGetValue(key, out var doomed))
        {
            _doomed[key] = doomed = (view, []);
        }
        doomed.Paths.Add(path);
    }

    /// <summary>The removals, with the content of a directory before the directory itself, so that a piped listing can be
    /// removed as it is.</summary>
    private async IAsyncEnumerable<AgbContextFileChange> Changes(List<string> paths)
    {
        var sorted = paths.Distinct(StringComparer.Ordinal).Order(TreeEntry.WalkOrder).ToList();
        if (Recurse)
        {
            // Entries below another path of the list go with it.
            var last = (string?)null;
            sorted.RemoveAll(p => last is not null && LinuxPath.IsAtOrBelow(p, last) || (last = p) is null);
        }
        sorted.Reverse();
        foreach (var path in sorted)
        {
            yield return new AgbContextFileChange.Remove(path, Recurse);
        }
        await Task.CompletedTask.ConfigureAwait(false);
    }
}
