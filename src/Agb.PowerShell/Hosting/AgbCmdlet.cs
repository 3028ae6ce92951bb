using System.Diagnostics;
using System.Management.Automation;

namespace Agb.PowerShell.Hosting;

/// <summary>The base of every cmdlet that does more than build an object: the work runs on the thread pool, what it reports comes
/// back through a <see cref="PipelinePump"/>, and Ctrl+C cancels the work and waits until it has ended.</summary>
public abstract class AgbCmdlet : PSCmdlet, IDisposable
{
    private readonly PipelinePump _pump;

    /// <summary>Prepares what work needs to know of this PowerShell.</summary>
    protected AgbCmdlet() => _pump = new PipelinePump(BeforeWork)
    {
        // Asked when work starts, on the pipeline thread: -Debug or $DebugPreference decides.
        Listener = () => IsDebugging ? text => _pump!.Post(() => WriteDebug(text)) : null,
    };

    internal PipelinePump Pump => _pump;

    private bool IsDebugging => MyInvocation.BoundParameters.TryGetValue("Debug", out var asked)
        ? asked is SwitchParameter { IsPresent: true }
        : GetVariableValue("DebugPreference") is ActionPreference preference
            && preference is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);

    /// <summary>Whether only what would be done is wanted.</summary>
    private protected bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var asked)
        ? asked is SwitchParameter { IsPresent: true }
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <inheritdoc/>
    protected override void StopProcessing() => _pump.Stop();

    /// <summary>Ends what still runs when another command of the pipeline failed: neither EndProcessing nor
    /// StopProcessing is called then.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends what still runs.</summary>
    /// <param name="disposing">Always true: there is no finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (_pump.Running > 0)
        {
            _pump.Abandon();
        }
    }

    /// <summary>Runs checks of what the command line gave; a fault ends the command, as no later record can mend it.</summary>
    private protected void RequireValid(Action checks)
    {
        try
        {
            checks();
        }
        catch (AgbException e)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(e));
        }
    }

    /// <summary>Works on one item of the pipeline and returns when that is done. A failure is an error of that item.</summary>
    private protected void RunItem(object? target, Func<CancellationToken, Task> work)
    {
        _pump.Start(work, failure => Report(failure, target));
        _pump.RunUntil(() => _pump.Running == 0);
    }

    /// <summary>The same, and says whether it did not fail.</summary>
    private protected bool TryItem(object? target, Func<CancellationToken, Task> work)
    {
        var isDone = false;
        RunItem(target, async token =>
        {
            await work(token).ConfigureAwait(false);
            isDone = true;
        });
        return isDone;
    }

    /// <summary>Writes the failure of one item; does nothing when there was none. Belongs to the pipeline thread.</summary>
    private protected void Report(Exception? failure, object? target)
    {
        if (failure is null)
        {
            return;
        }
        if (failure is OperationCanceledException && _pump.Token.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        var record = ErrorMap.ToRecord(failure, target);
        if (ErrorMap.EndsThePipeline(failure) || IsFinal(failure))
        {
            ThrowTerminatingError(record);
        }
        WriteError(record);
    }

    /// <summary>Whether a failure comes from what the command line gave, so that every other item would meet it too.</summary>
    private protected virtual bool IsFinal(Exception failure) => false;

    /// <summary>Has the pipeline thread emit an object. Safe from any thread.</summary>
    private protected void Emit(object value) => _pump.Post(() => WriteObject(ObjectMembers.Placed(value)));

    /// <summary>Has the pipeline thread write an error of one item. Safe from any thread.</summary>
    private protected void EmitError(Exception exception, object? target) => _pump.Post(() => Report(exception, target));

    /// <summary>Work that asks for the environment's service means PowerShell's location, which the process does not share.</summary>
    private void BeforeWork()
    {
        ServiceResolver.Directory = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        PesterOperators.Ensure(this);
    }

    /// <summary>Calls a service and says on the verbose stream which one, and how long it took.</summary>
    private protected Task<T> CallAsync<T>(IAgbService service, string what, Func<Task<T>> call) => CallAsync(service.Name, what, call);

    /// <summary>Does what a service does outside its contract, and says so on the verbose stream.</summary>
    private protected async Task<T> CallAsync<T>(string service, string what, Func<Task<T>> call)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var result = await call().ConfigureAwait(false);
            Say(CallText.Took(service, what, started));
            return result;
        }
        catch
        {
            Say(CallText.FailedAfter(service, what, started));
            throw;
        }

        void Say(string line) => _pump.Post(() => this.Say(line));
    }

    /// <summary>Writes a verbose line. With -Debug alone PowerShell would ask at each verbose line whether to go on, so it goes to
    /// the debug stream then. Belongs to the pipeline thread.</summary>
    private protected void Say(string line)
    {
        var bound = MyInvocation.BoundParameters;
        if (bound.ContainsKey("Debug") && !bound.ContainsKey("Verbose"))
        {
            WriteDebug(line);
        }
        else
        {
            WriteVerbose(line);
        }
    }

    /// <summary>Calls a service that answers nothing.</summary>
    private protected Task CallAsync(IAgbService service, string what, Func<Task> call) =>
        CallAsync(service, what, async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        });
}
