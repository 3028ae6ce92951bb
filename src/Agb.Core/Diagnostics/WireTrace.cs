namespace Agb;

/// <summary>Says what a service sends and receives to whoever asked for the call. The listener belongs to the flow of the call, so
/// that calls which run side by side do not hear each other.</summary>
/// <remarks>Whoever writes masks what must stay secret: keys, tokens, the values of environment variables.</remarks>
public static class WireTrace
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Masked = "***";

    private static readonly AsyncLocal<Action<string>?> s_listener = new();

    /// <summary>Whether anybody listens; what is written is made only then.</summary>
    public static bool IsOn => s_listener.Value is not null;

    /// <summary>Writes one line or more, if anybody listens.</summary>
    /// <param name="text">What was sent or received, with secrets masked.</param>
    public static void Write(string text) => s_listener.Value?.Invoke(text);

    /// <summary>Has what this flow of calls writes from here on passed to a listener.</summary>
    /// <param name="listener">Is called on any thread; null ends the listening.</param>
    public static void Listen(Action<string>? listener) => s_listener.Value = listener;
}
