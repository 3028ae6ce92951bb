using System.Diagnostics;

namespace Agb.Testing;

/// <summary>Waits for conditions. The deadline is generous: only a failing test waits for it.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    /// <summary>Polls until a condition holds.</summary>
    public static async Task HoldsAsync(string what, Func<Task<bool>> condition)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(s_deadline, $"never came true: {what}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Polls until a condition holds.</summary>
    public static Task HoldsAsync(string what, Func<bool> condition) => HoldsAsync(what, () => Task.FromResult(condition()));
}
