namespace Agb.Server.Tests.Support;

/// <summary>Work that goes on until it is cancelled, and tells that it was. A registration with the token would not do: it is taken back when the
/// work ends, which may be before the token comes to call it.</summary>
internal static class Endless
{
    /// <summary>Repeats a step.</summary>
    /// <param name="step">The step, which ends at once when the token is cancelled.</param>
    /// <param name="cancelled">What is told.</param>
    /// <param name="token">What cancels it.</param>
    internal static async Task<T> RepeatAsync<T>(Func<Task> step, TaskCompletionSource cancelled, CancellationToken token)
    {
        try
        {
            for (; ; )
            {
                await step();
            }
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            cancelled.SetResult();
            throw;
        }
    }

    /// <summary>Does nothing.</summary>
    /// <inheritdoc cref="RepeatAsync"/>
    internal static Task<T> WaitAsync<T>(TaskCompletionSource cancelled, CancellationToken token) =>
        RepeatAsync<T>(() => Task.Delay(Timeout.Infinite, token), cancelled, token);
}
