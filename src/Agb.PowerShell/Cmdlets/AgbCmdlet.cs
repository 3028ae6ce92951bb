using System.Diagnostics;

namespace Agb.PowerShell;

/// <summary>The base of every cmdlet with calls or file access. Work runs on the thread pool, its output comes back through a
/// <see cref="PipelinePump"/>, and Ctrl+C cancels the work and waits for its end.</summary>
public abstract class AgbCmdlet : PSCmdlet, IDisposable
{
    private readonly PipelinePump _pump;

    /// <summary>Prepares the pump of this cmdlet.</summary>
    protected AgbCmdlet() => _pump = new PipelinePump(BeforeWork, ShowWarnings)
    {
        // Evaluated at the start of work, on the pipeline thread: -Debug or $DebugPreference decides.
        Listener = () => Shows("Debug") ? text => _pump!.Post(() => WriteDebug(text)) : null,
    };

    internal PipelinePump Pump => _pump;

    /// <summary>Whether a stream is shown, by its parameter or its preference.</summary>
    private bool Shows(string stream) => MyInvocation.BoundParameters.TryGetValue(stream, out var asked)
        ? asked is SwitchParameter { IsPresent: true }
        : LanguagePrimitives.TryConvertTo<ActionPreference>(GetVariableValue(stream + "Preference"), out var preference)
            && preference is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);

    /// <summary>Whether -WhatIf is in effect.</summary>
    private protected bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var asked)
        ? asked is SwitchParameter { IsPresent: true }
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <inheritdoc/>
    protected override void StopProcessing() => _pump.Stop();

    /// <summary>Ends running work after a failure of another command in the pipeline: PowerShell then calls neither
    /// EndProcessing nor StopProcessing.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends running work.</summary>
    /// <param name="disposing">Always true: there is no finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (_pump.Running > 0)
        {
            _pump.Abandon();
        }
    }

    /// <summary>Checks the values of the command line. A fault ends the command, as no later record can correct it.</summary>
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

    /// <summary>Works on one item of the pipeline and returns at its end. A failure is an error of that item.</summary>
    private protected void RunItem(object? target, Func<CancellationToken, Task> work)
    {
        _pump.Start(work, failure => Report(failure, target));
        _pump.RunUntil(() => _pump.Running == 0);
    }

    /// <summary>Works on one item of the pipeline, as <see cref="RunItem"/>, and returns whether it succeeded.</summary>
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

    /// <summary>Writes the failure of one item, if there is one. Belongs to the pipeline thread.</summary>
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

    /// <summary>Whether a failure comes from a value of the command line, so that every other item would meet it too.</summary>
    private protected virtual bool IsFinal(Exception failure) => false;

    /// <summary>Emits an object on the pipeline thread. Safe from any thread.</summary>
    private protected void Emit(object value) => _pump.Post(() => WriteObject(ObjectMembers.Placed(value)));

    /// <summary>Writes an error of one item on the pipeline thread. Safe from any thread.</summary>
    private protected void EmitError(Exception exception, object? target) => _pump.Post(() => Report(exception, target));

    /// <summary>Passes PowerShell's location to the work: the environment's service depends on it, and the process does not
    /// share it.</summary>
    private void BeforeWork()
    {
        ServiceResolver.Directory = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        PesterOperators.Ensure(this);
        ShowWarnings();
    }

    /// <summary>Shows the engine's warnings since the last verbose cmdlet. Without -Verbose they stay for a later one.</summary>
    private void ShowWarnings()
    {
        while (Shows("Verbose") && ServiceResolver.EngineWarnings.Take() is { } line)
        {
            WriteVerbose($"{EmbeddedEngine.Name}: {line}");
        }
    }

    /// <summary>Calls a service, and writes the service, the call and its duration to the verbose stream.</summary>
    private protected Task<T> CallAsync<T>(IAgbService service, string what, Func<Task<T>> call) => CallAsync(service.Name, what, call);

    /// <summary>Does work outside a service's contract, and writes it to the verbose stream.</summary>
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

    /// <summary>Writes a verbose line. With -Debug alone the line goes to the debug stream, because PowerShell would prompt at
    /// each verbose line. Belongs to the pipeline thread.</summary>
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

    /// <summary>Calls a service without a result.</summary>
    private protected Task CallAsync(IAgbService service, string what, Func<Task> call) =>
        CallAsync(service, what, async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        });
}
