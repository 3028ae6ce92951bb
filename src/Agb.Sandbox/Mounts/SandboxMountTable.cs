namespace Agb.Sandbox;

/// <summary>Reads the context mounts of a running sandbox (proc(5), mountinfo). The session can't add any: it has no rights in its mount
/// namespace.</summary>
internal static class SandboxMountTable
{
    /// <summary>All context mounts.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="sessionDirectory">The session's directory.</param>
    /// <exception cref="AgbException">SessionNotRunning.</exception>
    public static IReadOnlyList<MountedContext> Read(SandboxHandle sandbox, string sessionDirectory)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{sandbox.InitPid}/mountinfo"));
        }
        catch (IOException)
        {
            lines = [];
        }
        sandbox.RequireAlive();
        return Parse(lines, Path.GetFileName(sessionDirectory));
    }

    /// <summary>Reads the lines of mountinfo.</summary>
    internal static IReadOnlyList<MountedContext> Parse(IEnumerable<string> lines, string sessionId)
    {
        var found = new List<MountedContext>();
        foreach (var fields in lines.Select(l => l.Split(' ')))
        {
            var dash = Array.IndexOf(fields, "-");
            if (dash < 6 || fields.Length < dash + 4 || NameOf(fields, dash, sessionId) is not { } name)
            {
                continue;
            }
            var path = MountInfo.Unescape(fields[4]);
            var covered = found.FindIndex(m => m.Path == path);
            if (covered >= 0)
            {
                found[covered] = found[covered] with { IsTop = false };
            }
            found.Add(new(name, path, fields[0], fields[dash + 1] != "overlay", fields[5].Split(',').Contains("ro"), IsTop: true));
        }
        return found;
    }

    private static string? NameOf(string[] fields, int dash, string sessionId)
    {
        const string Upper = "upperdir=", UpperEnd = "/upper", Data = "/data";
        if (fields[dash + 1] == "overlay")
        {
            var upper = fields[dash + 3].Split(',').FirstOrDefault(o => o.StartsWith(Upper, StringComparison.Ordinal) && o.EndsWith(UpperEnd, StringComparison.Ordinal));
            return upper?[Upper.Length..^UpperEnd.Length] is { } name && !name.Contains('/', StringComparison.Ordinal) ? name : null;
        }
        var root = fields[3];
        var above = $"/{sessionId}/";
        var start = root.LastIndexOf(above, StringComparison.Ordinal);
        return start >= 0 && root.EndsWith(Data, StringComparison.Ordinal) && root[(start + above.Length)..^Data.Length] is var copy && !copy.Contains('/', StringComparison.Ordinal)
            ? copy
            : null;
    }
}
