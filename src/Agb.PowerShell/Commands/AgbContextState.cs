using System.Management.Automation;
using Agb.PowerShell.Completers;
using Agb.PowerShell.Hosting;

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
                    () => service.RenameContextAsync(context.Id, newName, token)).ConfigureAwait(false));
            }
        });
}

/// <summary><c>Clear-AgbContext</c>: removes all data of contexts; ids, names and earlier versions stay.</summary>
[Cmdlet(VerbsCommon.Clear, "AgbContext", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(AgbContext))]
public sealed class ClearAgbContextCommand : AgbServiceCmdlet
{
    /// <summary>The contexts.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The contexts to clear: objects, ids or exact names.")]
    [Alias("Name", "Id", "ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[] Context { get; set; } = [];

    /// <summary>Whether to return at once.</summary>
    [Parameter(HelpMessage = "Return as soon as the removal is registered; the context is Clearing until it is done.")]
    public SwitchParameter NoWait { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var reference in Context)
        {
            RunContext(reference, async (service, context, token) =>
            {
                if (await ConfirmAsync($"all data of context '{context.Name}' ({context.Id})", "Remove").ConfigureAwait(false))
                {
                    Emit(await CallAsync(
                        service, $"clear context '{context.Name}'",
                        () => service.ClearContextAsync(context.Id, NoWait, token)).ConfigureAwait(false));
                }
            });
        }
    }
}
