using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbContextVersion</c>: lists the stored versions of contexts, newest first.</summary>
[Cmdlet(VerbsCommon.Get, "AgbContextVersion")]
[OutputType(typeof(AgbContextVersion))]
public sealed class GetAgbContextVersionCommand : AgbContextCmdlet
{
    /// <summary>The contexts.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The contexts: objects, ids or exact names.")]
    [Alias("Name", "Id", "ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[] Context { get; set; } = [];

    /// <summary>The versions' numbers.</summary>
    [Parameter(Position = 1, HelpMessage = "Only the versions with these numbers; all unless given.")]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public long[]? Version { get; set; }

    /// <inheritdoc/>
    private protected override bool TakesSessions => true;

    /// <inheritdoc/>
    private protected override IReadOnlyList<Following> FollowingContext => [Following.Of<long[]>(nameof(Version), value => Version = value)];

    /// <inheritdoc/>
    protected override void ProcessRecord() => ForEachContext(Context, (service, context, token) => CallAsync(
        service, $"list versions of context '{context.Name}'", () => EmitAsync(service, context, token)));

    private async Task EmitAsync(IAgbService service, AgbContext context, CancellationToken token)
    {
        var missing = Version?.ToHashSet();
        await foreach (var version in service.ListContextVersionsAsync(context, token).ConfigureAwait(false))
        {
            if (missing?.Remove(version.Version) ?? true)
            {
                Emit(version);
            }
            if (missing?.Count == 0)
            {
                break;
            }
        }
        foreach (var version in missing ?? [])
        {
            EmitError(AgbErrors.VersionNotFound(context.Name, version), context);
        }
    }
}
