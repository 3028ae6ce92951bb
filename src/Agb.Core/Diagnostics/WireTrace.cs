namespace Agb;

/// <summary>Passes sent and received messages to the listener of a call. The listener belongs to the call's flow, so parallel
/// calls do not see each other's messages.</summary>
/// <remarks>Writers mask secrets: keys, tokens, values of environment variables.</remarks>
public static class WireTrace
{
    /// <summary>The replacement for a secret.</summary>
    public const string Masked = "***";

    private static readonly AsyncLocal<Action<string>?> s_listener = new();

    /// <summary>Whether there is a listener; texts are made only then.</summary>
    public static bool IsOn => s_listener.Value is not null;

    /// <summary>Writes one line or more to the listener, if there is one.</summary>
    /// <param name="text">The message, with secrets masked.</param>
    public static void Write(string text) => s_listener.Value?.Invoke(text);

    /// <summary>Sets the listener of this flow of calls from here on.</summary>
    /// <param name="listener">Called on any thread; null ends the listening.</param>
    public static void Listen(Action<string>? listener) => s_listener.Value = listener;
}
