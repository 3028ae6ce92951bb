using System.Management.Automation;
using Agb.PowerShell.Completers;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Commands;

/// <summary><c>Use-AgbSession</c>: starts a session, runs a script block with it, uploads what changed, and removes the
/// session in every case.</summary>
[Cmdlet(VerbsOther.Use, "AgbSession", SupportsShouldProcess = true, DefaultParameterSetName = ContextSet)]
[OutputType(typeof(object))]
public sealed class UseAgbSessionCommand : AgbSessionCreationCmdlet
{
    /// <summary>How long a stopped pipeline waits for the release, which goes on after that.</summary>
    private static readonly TimeSpan s_releaseLimit = TimeSpan.FromSeconds(30);

    /// <summary>What to run.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The script to run; the session is $_ and its first argument.")]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>The context to mount.</summary>
    [Parameter(ParameterSetName = ContextSet, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The context to mount: object, id or name. Each one gets a session of its own, one after the other.")]
    [Alias("ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public override AgbContextReference[]? Context { get; set; }

    /// <summary>Where to mount it.</summary>
    [Parameter(ParameterSetName = ContextSet, Position = 2, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The absolute path to mount the context at; where its data is, else /home/<name>, unless given.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public override string? Path { get; set; }

    /// <summary>Upload nothing.</summary>
    [Parameter(HelpMessage = "Upload nothing: what the script changed in the session is lost.")]
    public SwitchParameter NoSync { get; set; }

    /// <inheritdoc/>
    private protected override void Process(string mounts, Func<CancellationToken, Task<AgbSession>> create)
    {
        AgbSession? session = null;
        var released = false;
        try
        {
            RunItem(mounts, async token => session = await create(token).ConfigureAwait(false));
            if (session is null)
            {
                // The creation's error is written.
                return;
            }
            ScriptRun.Run(this, ScriptBlock ?? throw new InvalidOperationException("The parameter is mandatory."), session);
            RunItem(session, async token =>
            {
                // A release that fails keeps the session and its files, for the user to save; one that is stopped is done below.
                await ReleaseAsync(session, token, () => released = true).ConfigureAwait(false);
            });
        }
        finally
        {
            if (session is not null && !released)
            {
                ReleaseQuietly(session);
            }
        }
    }

    /// <summary>Releases a session whose script ended early. The script's changes are uploaded where the policies say so: to
    /// lose them would be worse, and every version can be gone back to.</summary>
    /// <remarks>Whatever ended the script is on its way up and must not be replaced, and nothing may be awaited on the pump,
    /// which a stopped pipeline has cancelled.</remarks>
    private void ReleaseQuietly(AgbSession session)
    {
        var release = Task.Run(() => Service(session).RemoveSessionAsync(session.SessionId, discardChanges: NoSync));
        try
        {
            if (!release.Wait(s_releaseLimit))
            {
                WriteWarning($"The release of session '{session}' takes longer than {s_releaseLimit.TotalSeconds:0} s and goes on in the background.");
            }
        }
        catch (AggregateException e)
        {
            try
            {
                WriteError(ErrorMap.ToRecord(e.GetBaseException(), session));
            }
            catch (PipelineStoppedException)
            {
                // A stopped pipeline takes no errors; Get-AgbSession shows the session and why it is still there.
            }
        }
        catch (PipelineStoppedException)
        {
            // The same for the warning.
        }
    }

    private async Task ReleaseAsync(AgbSession session, CancellationToken token, Action decided)
    {
        var service = Service(session);
        try
        {
            await CallAsync(
                service, $"release session '{session}'",
                () => service.RemoveSessionAsync(session.SessionId, syncContext: !NoSync, discardChanges: NoSync, token)).ConfigureAwait(false);
            decided();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            decided();
            throw;
        }
    }

    private static IAgbService Service(AgbSession session) =>
        session.Service ?? throw new InvalidOperationException("A session that a service made has that service.");
}
