using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Use-AgbSession</c>: starts a session, runs a script block with it, uploads changes, and removes the session in
/// every case.</summary>
[Cmdlet(VerbsOther.Use, "AgbSession", SupportsShouldProcess = true, DefaultParameterSetName = ContextSet)]
[OutputType(typeof(object))]
public sealed class UseAgbSessionCommand : AgbSessionCreationCmdlet
{
    /// <summary>The time limit for the release in a stopped pipeline. The release itself goes on after it.</summary>
    private static readonly TimeSpan s_releaseLimit = TimeSpan.FromSeconds(30);

    /// <summary>The script block.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The script to run; the session is $_ and its first argument.")]
    [ValidateNotNull]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>The context to mount.</summary>
    [Parameter(ParameterSetName = ContextSet, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The context to mount: object, id or name. Each context gets a separate session, one after the other.")]
    [Alias("ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public override AgbContextReference[]? Context { get; set; }

    /// <summary>The mount path.</summary>
    [Parameter(ParameterSetName = ContextSet, Position = 2, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The absolute mount path. Default: the path of the context's data, else /home/<name>.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public override string? Path { get; set; }

    /// <summary>Whether to upload nothing.</summary>
    [Parameter(HelpMessage = "Upload nothing: the script's changes in the session are lost.")]
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
                // The creation has already reported its error.
                return;
            }
            ScriptRun.Run(this, ScriptBlock ?? throw new InvalidOperationException("The parameter is mandatory."), session);
            RunItem(session, async token =>
            {
                // A failed release keeps the session and its files, for the user to save; an interrupted release is finished
                // below.
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

    /// <summary>Releases a session after an early end of its script. Changes are uploaded as the policies say: their loss would
    /// be worse, and every version can be restored.</summary>
    /// <remarks>The exception of the script must not be replaced, and nothing may be awaited on the pump, which a stopped
    /// pipeline has cancelled.</remarks>
    private void ReleaseQuietly(AgbSession session)
    {
        var release = Task.Run(() => Service(session).RemoveSessionAsync(session, NoSync ? AgbReleaseMode.Discard : AgbReleaseMode.Policy));
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
                // A stopped pipeline takes no errors; Get-AgbSession shows the session and the reason.
            }
        }
        catch (PipelineStoppedException)
        {
            // A stopped pipeline takes no warning either.
        }
    }

    private async Task ReleaseAsync(AgbSession session, CancellationToken token, Action decided)
    {
        var service = Service(session);
        try
        {
            await CallAsync(
                service, $"release session '{session}'",
                () => service.RemoveSessionAsync(session, NoSync ? AgbReleaseMode.Discard : AgbReleaseMode.Upload, token)).ConfigureAwait(false);
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
