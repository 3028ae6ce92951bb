using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Remove-AgbContext</c>: deletes contexts with all their versions.</summary>
[Cmdlet(VerbsCommon.Remove, "AgbContext", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class RemoveAgbContextCommand : AgbServiceCmdlet
{
    /// <summary>The contexts.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The contexts to delete: objects, ids or exact names.")]
    [Alias("Name", "Id", "ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[] Context { get; set; } = [];

    /// <summary>Whether to skip the confirmation.</summary>
    [Parameter(HelpMessage = "Delete without asking.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var reference in Context)
        {
            RunContext(reference, async (service, context, token) =>
            {
                if (await ConfirmAsync($"context '{context.Name}' ({context.Id}) and all its versions", "Delete", Force).ConfigureAwait(false))
                {
                    await CallAsync(
                        service, $"delete context '{context.Name}'",
                        () => service.RemoveContextAsync(context, token)).ConfigureAwait(false);
                }
            });
        }
    }
}
