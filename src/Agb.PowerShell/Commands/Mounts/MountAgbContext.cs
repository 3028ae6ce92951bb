namespace Agb.PowerShell.Commands;

/// <summary><c>Mount-AgbContext</c>: mounts a context into running sessions.</summary>
[Cmdlet(VerbsData.Mount, "AgbContext", SupportsShouldProcess = true)]
[OutputType(typeof(AgbMount))]
public sealed class MountAgbContextCommand : AgbSessionCmdlet
{
    // Ids of sessions begin like this.
    private static readonly string[] s_sessionPrefixes = ["s-", "session-"];

    /// <summary>The context.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The context: object, id or name. Mount-AgbContext SESSION CONTEXT is understood too.")]
    [Alias("ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference? Context { get; set; }

    /// <summary>The path in the session.</summary>
    [Parameter(HelpMessage = "The absolute path in the session. Default: the path of the context's data, or /home/ and its name.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public string? Path { get; set; }

    /// <summary>The version.</summary>
    [Parameter(HelpMessage = "The version to mount. Default: the newest.")]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public long? Version { get; set; }

    /// <summary>Whether the session can't write to it.</summary>
    [Parameter(HelpMessage = "Programs of the session can't write to it.")]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>The mounted part.</summary>
    [Parameter(HelpMessage = "Mount only this path below the context's data, such as datasets/train.")]
    public string? SubPath { get; set; }

    /// <summary>The policy.</summary>
    [Parameter(HelpMessage = "The sync policy of the mount, from New-AgbSyncPolicy.")]
    [Rehydrate]
    [ValidateNotNull]
    public AgbSyncPolicy? SyncPolicy { get; set; }

    /// <summary>Shorthand for a policy with a mapping only.</summary>
    [Parameter(HelpMessage = "The earlier path of the data; shorthand for a policy with this mapping.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public string? MappingPath { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() => MountRules.Mount(Request("context", Path ?? "/home/data")));

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Context is { } given && IsSession(given) && Session is [var other] && !IsSession(other))
        {
            // Session first, then context, as with mount(8): the place of the object tells which is which.
            (Session, Context) = ([new AgbSessionReference(given.SessionId ?? given.Text, given.Service)], other.Context ?? new AgbContextReference(other.SessionId));
        }
        base.ProcessRecord();
    }

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var context = Context!;
        var where = Path is null ? "" : $" at {Path}";
        return !ShouldProcess($"session '{session}'", $"Mount context '{context}'{where}") ? null : async (service, token) =>
        {
            var found = await ResolveAsync(context, service, token).ConfigureAwait(false);
            var path = Path ?? await DefaultPathAsync(service, found, token).ConfigureAwait(false);
            var request = MountRules.Mount(Request(found.Id, path));
            Emit(await CallAsync(
                service, $"mount context '{found.Name}' into session '{session}'",
                () => SessionMounts(service).MountContextAsync(session.Id, request, token)).ConfigureAwait(false));
        };
    }

    private Task<string> DefaultPathAsync(IAgbService service, AgbContext context, CancellationToken token) => CallAsync(
        service, $"find the path of context '{context.Name}'",
        () => Mounts.DefaultPathAsync(service, context, Mounts.Policy(SyncPolicy, MappingPath), nameof(Path), token));

    private AgbMountRequest Request(string contextId, string path) => new()
    {
        Sync = new AgbContextSync { ContextId = contextId, Path = path, Policy = Mounts.Policy(SyncPolicy, MappingPath) },
        Version = Version,
        IsReadOnly = ReadOnly,
        SubPath = SubPath,
    };

    private static bool IsSession(AgbContextReference given) =>
        given.SessionId is not null || (given.IsText && IsSession(given.Text));

    private static bool IsSession(AgbSessionReference given) =>
        given.Context is null && (given.Service is not null || IsSession(given.SessionId));

    private static bool IsSession(string id) => Array.Exists(s_sessionPrefixes, p => id.StartsWith(p, StringComparison.Ordinal));
}
