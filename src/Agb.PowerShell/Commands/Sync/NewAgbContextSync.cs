namespace Agb.PowerShell.Commands;

/// <summary><c>New-AgbContextSync</c>: describes the mount of a context in a session, by path and policy.</summary>
[Cmdlet(VerbsCommon.New, "AgbContextSync")]
[OutputType(typeof(AgbContextSync))]
public sealed class NewAgbContextSyncCommand : AgbContextCmdlet
{
    /// <summary>The context.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, Position = 0,
        HelpMessage = "The context: object, id or name.")]
    [Alias("ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[] Context { get; set; } = [];

    /// <summary>The path in the session.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The absolute path in the session.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public string? Path { get; set; }

    /// <summary>The policy.</summary>
    [Parameter(HelpMessage = "The sync policy, from New-AgbSyncPolicy.")]
    [Rehydrate]
    [ValidateNotNull]
    public AgbSyncPolicy? SyncPolicy { get; set; }

    /// <summary>Shorthand for a policy with a mapping only.</summary>
    [Parameter(HelpMessage = "The earlier path of the data; shorthand for a policy with this mapping.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public string? MappingPath { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<Following> FollowingContext => [Following.Of<string>(nameof(Path), value => Path = value)];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        RequireValid(() =>
        {
            Mounts.Policy(SyncPolicy, MappingPath).Validate();
            if (Path is not null)
            {
                LinuxPath.NormalizeMount(Path);
            }
        });
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ForEachReference(Context, () => RequireGiven(Path is not null, nameof(Path)), reference =>
        {
            var known = KnownService(reference.Service);
            RunItem(reference, async token =>
            {
                // Check values before look-ups: a missing context must not hide a wrong path.
                var sync = RequestRules.ContextSync(new AgbContextSync
                {
                    ContextId = reference.Text,
                    Path = Path!,
                    Policy = Mounts.Policy(SyncPolicy, MappingPath),
                });
                var service = Open(known);
                var context = await ResolveAsync(reference, service, token).ConfigureAwait(false);
                Emit(ServiceOrigin.With(sync with { ContextId = context.Id }, service));
            });
        });
    }
}
