using System.Management.Automation;
using Agb.PowerShell.Completers;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Commands;

/// <summary><c>New-AgbSession</c>: starts a session for each context given, or one with the mounts given, or one
/// without any.</summary>
[Cmdlet(VerbsCommon.New, "AgbSession", SupportsShouldProcess = true, DefaultParameterSetName = ContextSet)]
[OutputType(typeof(AgbSession))]
public sealed class NewAgbSessionCommand : AgbSessionCreationCmdlet
{
    /// <summary>The context to mount.</summary>
    [Parameter(ParameterSetName = ContextSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The context to mount: object, id or name. Each one gets a session of its own.")]
    [Alias("ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public override AgbContextReference[]? Context { get; set; }

    /// <summary>Where to mount it.</summary>
    [Parameter(ParameterSetName = ContextSet, Position = 1, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The absolute path to mount the context at; where its data is, else /home/<name>, unless given.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public override string? Path { get; set; }

    /// <summary>Return before the session runs.</summary>
    [Parameter(HelpMessage = "Return as soon as the session is registered; Wait-AgbSession waits for it.")]
    public SwitchParameter NoWait { get; set; }

    /// <inheritdoc/>
    private protected override bool ReturnsAtOnce => NoWait;

    /// <inheritdoc/>
    private protected override void Process(string mounts, Func<CancellationToken, Task<AgbSession>> create) =>
        RunItem(mounts, async token => Emit(await create(token).ConfigureAwait(false)));
}
