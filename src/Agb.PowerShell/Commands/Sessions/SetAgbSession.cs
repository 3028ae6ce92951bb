using System.Collections;
using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Set-AgbSession</c>: replaces the labels of sessions, or restarts their idle time.</summary>
[Cmdlet(VerbsCommon.Set, "AgbSession", SupportsShouldProcess = true)]
[OutputType(typeof(AgbSession))]
public sealed class SetAgbSessionCommand : AgbSessionCmdlet
{
    /// <summary>The labels.</summary>
    [Parameter(Position = 0, HelpMessage = "The new labels, in place of all existing ones; @{} for none.")]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public Hashtable? Label { get; set; }

    /// <summary>Whether to restart the idle time.</summary>
    [Parameter(HelpMessage = "Restart the idle time, as a command would.")]
    public SwitchParameter KeepAlive { get; set; }

    /// <summary>Whether to emit the sessions.</summary>
    [Parameter(HelpMessage = "Emit the changed sessions.")]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() =>
    {
        RequestRules.Labels(Arguments.Strings(Label));
        if (Label is null && !KeepAlive)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidSessionOption, "Nothing to set is given; expected -Label, -KeepAlive or both.",
                "Give labels such as -Label @{ purpose = 'tests' }, or -KeepAlive.");
        }
    });

    /// <inheritdoc/>
    private protected override Func<IAgbService, CancellationToken, Task>? Plan(AgbSessionReference session)
    {
        var labels = Label is null ? null : Arguments.Strings(Label);
        var action = (labels, KeepAlive.IsPresent) switch
        {
            (null, _) => "Keep alive",
            (_, false) => "Replace labels",
            _ => "Replace labels and keep alive",
        };
        if (!ShouldProcess($"session '{session}'", action))
        {
            return null;
        }
        return async (service, token) =>
        {
            AgbSession? found = null;
            if (labels is not null)
            {
                found = await CallAsync(
                    service, $"set labels of session '{session}'",
                    () => service.SetSessionLabelsAsync(session.Id, labels, token)).ConfigureAwait(false);
            }
            if (KeepAlive)
            {
                found = await CallAsync(
                    service, $"keep session '{session}' alive",
                    () => service.KeepSessionAliveAsync(session.Id, token)).ConfigureAwait(false);
            }
            if (PassThru && found is not null)
            {
                Emit(found);
            }
        };
    }
}
