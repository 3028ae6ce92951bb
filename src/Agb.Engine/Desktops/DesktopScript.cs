namespace Agb.Engine;

/// <summary>The shell scripts for desktops. They run in the session, with the tools of X there; values are their arguments.</summary>
internal static class DesktopScript
{
    /// <summary>Exit codes of the scripts.</summary>
    internal const int Failed = 90, NoWindow = 91, NoApp = 92, NoKey = 93, NotSo = 94;

    private static readonly ConcurrentDictionary<string, string> s_texts = new(StringComparer.Ordinal);

    /// <summary>A command of scripts, run one after the other in a shell. The desktop's programs are started first unless they run.</summary>
    internal static string Command(params ReadOnlySpan<string> names)
    {
        var text = new StringBuilder(Text("desktop"));
        foreach (var name in names)
        {
            text.Append(Text(name));
        }
        return text.ToString();
    }

    private static string Text(string name) => s_texts.GetOrAdd(name, static n =>
    {
        using var reader = new StreamReader(typeof(DesktopScript).Assembly.GetManifestResourceStream(n + ".sh")!);
        return reader.ReadToEnd();
    });
}
