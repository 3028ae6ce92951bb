using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Restore-AgbContext</c>: creates a new version with the content of an earlier one.</summary>
[Cmdlet(VerbsData.Restore, "AgbContext", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(AgbContextVersion))]
public sealed class RestoreAgbContextCommand : AgbContextCmdlet
{
    /// <summary>The context.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The contexts: objects, ids or exact names; a version from Get-AgbContextVersion brings both context and number.")]
    [Alias("Name", "Id", "ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[] Context { get; set; } = [];

    /// <summary>The version.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The number of the version to restore.")]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public long? Version { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<Following> FollowingContext => [Following.Of<long>(nameof(Version), value => Version = value)];

    /// <inheritdoc/>
    protected override void ProcessRecord() => ForEachContext(
        Context, () => RequireGiven(Version is not null, nameof(Version)), async (service, context, token) =>
        {
            var version = Version!.Value;
            if (await ConfirmAsync($"context '{context.Name}' ({context.Id})", $"Restore version {version}").ConfigureAwait(false))
            {
                Emit(await CallAsync(
                    service, $"restore version {version} of context '{context.Name}'",
                    () => service.RestoreContextAsync(context, version, token)).ConfigureAwait(false));
            }
        });
}
