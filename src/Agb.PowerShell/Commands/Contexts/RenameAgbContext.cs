using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Rename-AgbContext</c>: gives a context another name.</summary>
[Cmdlet(VerbsCommon.Rename, "AgbContext", SupportsShouldProcess = true)]
[OutputType(typeof(AgbContext))]
public sealed class RenameAgbContextCommand : AgbContextCmdlet
{
    /// <summary>The context.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The context: object, id or exact name.")]
    [Alias("Name", "Id", "ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[] Context { get; set; } = [];

    /// <summary>The new name.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The new, unique name.")]
    [AllowEmptyString]
    public string? NewName { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<Following> FollowingContext => [Following.Of<string>(nameof(NewName), value => NewName = value)];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        RequireValid(() =>
        {
            if (NewName is not null)
            {
                RequestRules.ContextName(NewName);
            }
            // Names of contexts are unique.
            RequireOne(Context, nameof(Context));
        });
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => ForEachContext(
        Context, () => RequireGiven(NewName is not null, nameof(NewName)), async (service, context, token) =>
        {
            var newName = RequestRules.ContextName(NewName);
            if (await ConfirmAsync($"context '{context.Name}' ({context.Id})", $"Rename to '{newName}'").ConfigureAwait(false))
            {
                Emit(await CallAsync(
                    service, $"rename context '{context.Name}' to '{newName}'",
                    () => service.RenameContextAsync(context, newName, token)).ConfigureAwait(false));
            }
        });
}
