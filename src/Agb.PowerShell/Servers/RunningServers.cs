namespace Agb.PowerShell;

/// <summary>A running server on this machine, as its process shows it.</summary>
/// <param name="ProcessId">The process id.</param>
/// <param name="DataDirectory">The data directory, absolute.</param>
/// <param name="Url">The address in its command line.</param>
internal sealed record RunningServer(int ProcessId, string DataDirectory, string Url);

/// <summary>Finds the servers of this user by their processes (proc(5)). No stored list can go out of date.</summary>
internal static class RunningServers
{
    private const string DefaultUrl = "http://127.0.0.1:8765";

    /// <summary>All running servers, by process id.</summary>
    internal static IEnumerable<RunningServer> All()
    {
        if (!Platform.IsLinux)
        {
            yield break;
        }
        foreach (var directory in Directory.EnumerateDirectories("/proc").OrderBy(d => d.Length).ThenBy(d => d, StringComparer.Ordinal))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Read(pid) is { } server)
            {
                yield return server;
            }
        }
    }

    /// <summary>Reads a command line.</summary>
    /// <returns>Null for another program.</returns>
    internal static RunningServer? Parse(int pid, string[] arguments, string workingDirectory)
    {
        var program = Array.FindIndex(arguments, a => Path.GetFileName(a) is "Agb.Server.dll" or "Agb.Server");
        if (program is not (0 or 1) || arguments.ElementAtOrDefault(program + 1) != "serve")
        {
            return null;
        }
        return ValueOf(arguments, "--data") is { } data
            ? new RunningServer(pid, Path.TrimEndingDirectorySeparator(Path.GetFullPath(data, workingDirectory)), ValueOf(arguments, "--urls") ?? DefaultUrl)
            : null;
    }

    private static string? ValueOf(string[] arguments, string option)
    {
        var at = Array.FindIndex(arguments, a => a == option || a.StartsWith(option + "=", StringComparison.Ordinal));
        return at < 0 ? null : arguments[at].Length > option.Length ? arguments[at][(option.Length + 1)..] : arguments.ElementAtOrDefault(at + 1);
    }

    private static RunningServer? Read(int pid)
    {
        var number = pid.ToString(CultureInfo.InvariantCulture);
        try
        {
            if (UserOf(number) != UserOf("self"))
            {
                return null;
            }
            var arguments = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{number}/cmdline")).TrimEnd('\0').Split('\0');
            return Parse(pid, arguments, new FileInfo($"/proc/{number}/cwd").LinkTarget ?? "/");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended meanwhile, or hides its command line.
            return null;
        }
    }

    /// <summary>The effective user of a process.</summary>
    private static string? UserOf(string pid)
    {
        const string Mark = "Uid:";
        var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(l => l.StartsWith(Mark, StringComparison.Ordinal));
        return line?[Mark.Length..].Split('\t', StringSplitOptions.RemoveEmptyEntries)[1];
    }
}
