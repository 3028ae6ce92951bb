namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbContextFile</c>: lists files of a context.</summary>
[Cmdlet(VerbsCommon.Get, "AgbContextFile", DefaultParameterSetName = PathSet)]
[OutputType(typeof(AgbContextFile))]
public sealed class GetAgbContextFileCommand : AgbContextFileCmdlet
{
    /// <summary>The patterns.</summary>
    [Parameter(ParameterSetName = PathSet, Position = 1,
        HelpMessage = "Absolute paths in the context; wildcards are allowed. A directory's path lists its content.")]
    [SupportsWildcards]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextFileCompleter))]
    public override string[] Path { get; set; } = ["/"];

    /// <summary>The version.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The version to look into; the newest unless given.")]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public long? Version { get; set; }

    /// <inheritdoc/>
    private protected override bool TakesSessions => true;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var version = Version;
        ForEachPath(version, (view, path, isLiteral, token) => CallAsync(
            view.Service, $"list files of context '{view.Context.Name}' at '{path}'",
            () => EmitAsync(view, path, isLiteral, token)));
    }

    private async Task EmitAsync(ContextView view, string path, bool isLiteral, CancellationToken token)
    {
        // A directory given by name is listed; a directory found by a pattern is itself the result.
        var isNamed = isLiteral || !WildcardPattern.ContainsWildcardCharacters(path);
        await foreach (var file in FindAsync(view, path, isLiteral, token).ConfigureAwait(false))
        {
            var isDirectory = file.Type == AgbFileType.Directory;
            if (!isDirectory || !isNamed)
            {
                EmitFile(file, view.Version);
            }
            if (isDirectory && (isNamed || Recurse))
            {
                await foreach (var below in view.ListAsync(file.Path, Recurse, token).ConfigureAwait(false))
                {
                    EmitFile(below, view.Version);
                }
            }
        }
    }

    /// <summary>Emits a file of the newest version as it is, and a file of another version with its number, for the next
    /// cmdlet.</summary>
    private void EmitFile(AgbContextFile file, long? version)
    {
        if (version is not null)
        {
            PSObject.AsPSObject(file).Properties.Add(new PSNoteProperty("Version", version.Value));
        }
        Emit(file);
    }
}
