namespace Agb.Testing;

/// <summary>Holds a system call on a file below a home, with the locks that the engine holds there.</summary>
public sealed class HeldCall : IFaults, IDisposable
{
    private readonly ManualResetEventSlim _let = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDisposable _armed;
    private volatile Tuple<string, string>? _held;

    /// <summary>Watches the calls below a home.</summary>
    public HeldCall(string home) => _armed = FaultSeam.Arm(home, this);

    /// <summary>Ends with the first held call.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Chooses the calls.</summary>
    /// <param name="operation">The name of the call, such as rename.</param>
    /// <param name="pathEnd">The end of the path that it is made on.</param>
    public void Hold(string operation, string pathEnd) => _held = Tuple.Create(operation, pathEnd);

    /// <summary>Lets the held calls go on.</summary>
    public void Let() => _let.Set();

    /// <inheritdoc/>
    public void Dispose()
    {
        _let.Set();
        _armed.Dispose();
    }

    long IFaults.Reach(string operation, string path, long count)
    {
        if (_held is { } held && held.Item1 == operation && path.EndsWith(held.Item2, StringComparison.Ordinal))
        {
            _reached.TrySetResult();
            _let.Wait(TestContext.Current.CancellationToken);
        }
        return count;
    }
}
