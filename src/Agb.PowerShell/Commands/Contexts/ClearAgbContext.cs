using System.Management.Automation;

namespace Agb.PowerShell.Commands;

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
                        () => service.ClearContextAsync(context, NoWait, token)).ConfigureAwait(false));
                }
            });
        }
    }
}
