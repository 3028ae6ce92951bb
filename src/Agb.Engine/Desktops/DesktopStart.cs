namespace Agb.Engine;

/// <summary>Starts the desktop of a new session.</summary>
internal static class DesktopStart
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(1);

    /// <summary>Starts it, and returns when the window manager answers. Sessions of other images have none.</summary>
    /// <exception cref="AgbException">HostNotReady; SessionStartFailed, with the last words of the program.</exception>
    internal static async Task RunAsync(ISandboxDriver driver, SandboxHandle sandbox, AgbImage image, CancellationToken cancellationToken)
    {
        if (!image.HasDesktop)
        {
            return;
        }
        var request = DesktopRunner.Request([], []) with { Timeout = s_timeout };
        var outcome = await driver.RunAsync(sandbox, image, request, output: null, cancellationToken).ConfigureAwait(false);
        if (outcome.ExitCode != 0)
        {
            ImageNeeds.RequireDesktop(image);
            throw new AgbException(
                AgbErrorIds.SessionStartFailed, AgbErrorKind.Failed,
                outcome.TimedOut ? $"The session's desktop was not ready within {s_timeout.TotalSeconds:0} s." : $"The session's desktop did not start: {DesktopRunner.Words(outcome)}");
        }
    }
}
