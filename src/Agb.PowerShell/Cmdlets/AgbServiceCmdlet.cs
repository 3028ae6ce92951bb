using System.Management.Automation.Host;

namespace Agb.PowerShell;

/// <summary>The base of cmdlets with a service.</summary>
public abstract class AgbServiceCmdlet : AgbCmdlet
{
    /// <summary>The service to use. Objects on the pipeline bring their own service (their Service property); without either,
    /// the environment decides.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true,
        HelpMessage = "The connection to use, from Connect-Agb. Without it, given objects bring their own service.")]
    [Alias("Service")]
    public AgbConnection? Connection { get; set; }

    /// <summary>The service from the command line, or carried by the record, if any. Belongs to the pipeline thread: the next
    /// record may change it.</summary>
    private protected IAgbService? KnownService(IAgbService? carried = null) => Connection?.Service ?? carried;

    /// <summary>The service to call: the known one, else the environment's.</summary>
    private protected static IAgbService Open(IAgbService? known) => CallTrace.Around(known ?? ServiceResolver.Default());

    /// <summary>The context of a parameter; calls the service only for a text.</summary>
    private protected Task<AgbContext> ResolveAsync(AgbContextReference reference, IAgbService service, CancellationToken token) =>
        reference.Known is { } known
            ? Task.FromResult(known)
            : CallAsync(service, $"get context '{reference}'", () => reference.ResolveAsync(service, token));

    /// <summary>Fails for several contexts in place of one.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    private protected static AgbContextReference? RequireOne(AgbContextReference[]? given, string parameter)
    {
        var contexts = (given ?? []).SelectMany(c => c.Parts).ToArray();
        return contexts.Length <= 1
            ? contexts.FirstOrDefault()
            : throw AgbErrors.Invalid(
                AgbErrorIds.InvalidRequest, $"-{parameter} takes one context, and {contexts.Length} are given: {string.Join(", ", contexts.AsEnumerable())}.",
                "Give them one after the other.", contexts[0].Text);
    }

    /// <summary>Fails for a session: it stands for its contexts only where nothing is changed.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    private protected static void RefuseSessions(IEnumerable<AgbContextReference> contexts)
    {
        if (contexts.FirstOrDefault(c => c.SessionId is not null) is { } session)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidRequest, $"The session '{session.SessionId}' is given where a context is expected.",
                "Get its contexts with Get-AgbContext -Session.", session.SessionId);
        }
    }

    /// <summary>Whether work on a session can be planned: with -WhatIf a missing session is an error too.</summary>
    private protected bool IsPlannable(AgbSessionReference session, IAgbService? known) => !IsWhatIf || TryItem(session, token => CallAsync(
        known ?? Open(known), $"get session '{session}'", () => Open(known).GetSessionAsync(session.Id, token)));

    /// <summary>The error of a context in place of a session.</summary>
    private protected static AgbException NoSession(AgbContextReference context) => AgbErrors.Invalid(
        AgbErrorIds.InvalidRequest, $"The context '{context}' is given where a session is expected.",
        "Get its sessions with Get-AgbSession -Context.", context.Text);

    /// <summary>The browsers of a service.</summary>
    /// <exception cref="AgbException">NotSupported.</exception>
    private protected static IBrowserService Browsers(IAgbService service) =>
        CallTrace.Inner(service) as IBrowserService ?? throw AgbErrors.NotSupported(service.Name, "browsers in sessions");

    /// <summary>The mounts of a service's running sessions.</summary>
    /// <exception cref="AgbException">NotSupported.</exception>
    private protected static ISessionMountService SessionMounts(IAgbService service) =>
        CallTrace.Inner(service) as ISessionMountService ?? throw AgbErrors.NotSupported(service.Name, "mounts into running sessions");

    /// <summary>The desktops of a service.</summary>
    /// <exception cref="AgbException">NotSupported.</exception>
    private protected static IDesktopService Desktops(IAgbService service) =>
        CallTrace.Inner(service) as IDesktopService ?? throw AgbErrors.NotSupported(service.Name, "desktops in sessions");

    /// <summary>The suspension of sessions of a service.</summary>
    /// <exception cref="AgbException">NotSupported.</exception>
    private protected static ISessionSleepService Sleep(IAgbService service) =>
        CallTrace.Inner(service) as ISessionSleepService ?? throw AgbErrors.NotSupported(service.Name, "suspended sessions");

    /// <summary>Works on the context of a record, and returns at the end. A failure is an error of that record.</summary>
    private protected void RunContext(AgbContextReference? given, Func<IAgbService, AgbContext, CancellationToken, Task> work)
    {
        var reference = given ?? throw new InvalidOperationException("The parameter is mandatory.");
        var known = KnownService(reference.Service);
        RunItem(reference, async token =>
        {
            RefuseSessions([reference]);
            var service = Open(known);
            await work(service, await ResolveAsync(reference, service, token).ConfigureAwait(false), token).ConfigureAwait(false);
        });
    }

    /// <summary>Asks the user for confirmation where needed, on the pipeline thread.</summary>
    /// <param name="target">The target of the change.</param>
    /// <param name="action">The change.</param>
    /// <param name="force">Do not ask, except for -Confirm or -WhatIf.</param>
    /// <exception cref="AgbException">ConfirmationRequired: the host can't ask.</exception>
    private protected async Task<bool> ConfirmAsync(string target, string action, bool force = false)
    {
        var (isConfirmed, failure) = await Pump.InvokeAsync<(bool, Exception?)>(() =>
        {
            if (force && !IsWhatIf && !MyInvocation.BoundParameters.ContainsKey("Confirm"))
            {
                return (true, null);
            }
            try
            {
                return (ShouldProcess(target, action), null);
            }
            catch (Exception e) when (e is HostException or PSInvalidOperationException or NotImplementedException)
            {
                // A host that is not interactive can't ask.
                return (false, e);
            }
        }).ConfigureAwait(false);
        return failure is null ? isConfirmed : throw new AgbException(
            AgbErrorIds.ConfirmationRequired, AgbErrorKind.InvalidState, $"'{action}' of {target} needs a confirmation, and this PowerShell can't ask for one.",
            force || !MyInvocation.MyCommand.Parameters.ContainsKey("Force") ? "Add -Confirm:$false." : "Add -Force, or -Confirm:$false.", target, failure);
    }
}
