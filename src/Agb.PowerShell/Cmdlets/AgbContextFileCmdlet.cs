namespace Agb.PowerShell;

/// <summary>The base of cmdlets for files of a context, found by pattern or by exact path.</summary>
public abstract class AgbContextFileCmdlet : AgbContextCmdlet
{
    /// <summary>The parameter set of patterns.</summary>
    protected const string PathSet = "Path";

    /// <summary>The parameter set of exact paths.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    /// <summary>The context.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The contexts: objects, ids or exact names; a file from Get-AgbContextFile brings its context.")]
    [Alias("ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[] Context { get; set; } = [];

    /// <summary>The patterns; a parameter of each derived cmdlet, in some with a default.</summary>
    public abstract string[] Path { get; set; }

    /// <summary>The exact paths.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Exact paths in the context, without wildcards.")]
    [Alias("ContextPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Whether to go into directories.</summary>
    [Parameter(HelpMessage = "Include the content of directories, at every depth.")]
    public SwitchParameter Recurse { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<Following> FollowingContext =>
        ParameterSetName == LiteralPathSet ? [] : [Following.Of<string[]>(nameof(Path), value => Path = value)];

    /// <summary>The paths or patterns of the record.</summary>
    private protected IReadOnlyList<string> Paths => ParameterSetName == LiteralPathSet ? LiteralPath : Path;

    /// <summary>Finds the entries for a path or pattern of the record.</summary>
    private protected IAsyncEnumerable<AgbContextFile> FindAsync(ContextView view, string path, bool isLiteral, CancellationToken token) =>
        isLiteral ? view.FindLiteralAsync(LinuxPath.NormalizeFile(path), token) : view.MatchAsync(path, token);

    /// <summary>Refuses an entry whose name is not UTF-8: the replacement text names no file.</summary>
    /// <exception cref="AgbException">InvalidPath.</exception>
    private protected static async Task RequireNameAsync(ContextView view, AgbContextFile file, CancellationToken token)
    {
        if (file.Path.Contains('\uFFFD') && !await view.HasAsync(file.Path, token).ConfigureAwait(false))
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPath, $"The name of '{file.Path}' in context '{view.Context.Name}' is not UTF-8, so it can't be named here.",
                "Rename it in a session that mounts the context.", file);
        }
    }

    /// <summary>Works on each path of the record, one after the other.</summary>
    /// <param name="version">The version to use.</param>
    /// <param name="work">The work, with the context's files, the path, and whether that path is exact.</param>
    private protected void ForEachPath(long? version, Func<ContextView, string, bool, CancellationToken, Task> work)
    {
        var isLiteral = ParameterSetName == LiteralPathSet;
        ForEachReference(Context, () => RequireGiven(Paths.Count > 0, nameof(Path)), reference =>
        {
            foreach (var path in Paths)
            {
                ForPath(reference, path);
            }
        });

        void ForPath(AgbContextReference reference, string path)
        {
            var known = KnownService(reference.Service);
            RunItem(path, async token =>
            {
                // Check values before look-ups: a missing context must not hide a wrong path.
                LinuxPath.NormalizeFile(path);
                var service = Open(known);
                var context = await ResolveAsync(reference, service, token).ConfigureAwait(false);
                await work(new ContextView(service, context, version), path, isLiteral, token).ConfigureAwait(false);
            });
        }
    }
}
