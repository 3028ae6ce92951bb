namespace Agb.Engine;

/// <summary>A running session as the place of a browser.</summary>
/// <param name="Id">The session.</param>
/// <param name="Image">Its image.</param>
/// <param name="Sandbox">Its sandbox.</param>
internal sealed record BrowserSession(string Id, AgbImage Image, SandboxHandle Sandbox)
{
    // The scripts are short; a session under load takes its time.
    private static readonly TimeSpan s_scriptLimit = TimeSpan.FromMinutes(1);

    /// <summary>Runs a script of the engine in the session.</summary>
    /// <param name="driver">The driver of sandboxes.</param>
    /// <param name="script">The script, for sh.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Additional variables, or null.</param>
    /// <param name="cancellationToken">Kills it.</param>
    internal Task<CommandOutcome> RunAsync(
        ISandboxDriver driver, string script, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellationToken) => driver.RunAsync(
        Sandbox, Image,
        new AgbCommandRequest
        {
            Command = script,
            Arguments = arguments,
            WorkingDirectory = "/",
            Environment = environment ?? new Dictionary<string, string>(),
            Timeout = s_scriptLimit,
            MaxOutputBytes = 256 * 1024,
        },
        output: null, cancellationToken);

    /// <summary>Opens the DevTools of the session.</summary>
    internal DevTools DevTools(ISandboxDriver driver) => new(cancellationToken => driver.ConnectAsync(Sandbox, Engine.DevTools.Port, cancellationToken));
}
