namespace Agb.PowerShell.Commands;

/// <summary><c>New-AgbSession</c>: starts a session for each given context, or one with the given mounts, or one without
/// mounts.</summary>
[Cmdlet(VerbsCommon.New, "AgbSession", SupportsShouldProcess = true, DefaultParameterSetName = ContextSet)]
[OutputType(typeof(AgbSession))]
public sealed class NewAgbSessionCommand : AgbSessionCreationCmdlet
{
    /// <summary>The context to mount.</summary>
    [Parameter(ParameterSetName = ContextSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The context to mount: object, id or name. Each context gets a separate session.")]
    [Alias("ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public override AgbContextReference[]? Context { get; set; }

    /// <summary>The mount path.</summary>
    [Parameter(ParameterSetName = ContextSet, Position = 1, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The absolute mount path. Default: the path of the context's data, else /home/<name>.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public override string? Path { get; set; }

    /// <summary>Whether to return before the session runs.</summary>
    [Parameter(HelpMessage = "Return as soon as the session is registered; Wait-AgbSession waits for it.")]
    public SwitchParameter NoWait { get; set; }

    /// <inheritdoc/>
    private protected override bool ReturnsAtOnce => NoWait;

    /// <inheritdoc/>
    private protected override void Process(string mounts, Func<CancellationToken, Task<AgbSession>> create) =>
        RunItem(mounts, async token => Emit(await create(token).ConfigureAwait(false)));
}
