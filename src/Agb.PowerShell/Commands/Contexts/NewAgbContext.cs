namespace Agb.PowerShell.Commands;

/// <summary><c>New-AgbContext</c>: creates a context.</summary>
[Cmdlet(VerbsCommon.New, "AgbContext", SupportsShouldProcess = true)]
[OutputType(typeof(AgbContext))]
public sealed class NewAgbContextCommand : AgbServiceCmdlet
{
    /// <summary>The names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The unique name of the context.")]
    [AllowEmptyString]
    public string[] Name { get; set; } = [];

    /// <summary>Whether an existing context is accepted.</summary>
    [Parameter(HelpMessage = "Emit the existing context of that name, if there is one.")]
    public SwitchParameter GetExisting { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            if (!ShouldProcess($"context '{name}'", GetExisting ? "Create unless it exists" : "Create"))
            {
                continue;
            }
            var known = KnownService();
            RunItem(name, async token =>
            {
                var service = Open(known);
                Emit(await CallAsync(
                    service, $"create context '{name}'",
                    () => service.CreateContextAsync(name, GetExisting, token)).ConfigureAwait(false));
            });
        }
    }
}
