using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Agb.Sandbox;

/// <summary>The program <c>launcher.c</c>, the first process of sandboxes, as a file of the engine's directory: it is shipped in this assembly, since
/// packages keep no permissions.</summary>
internal static class LauncherProgram
{
    private static readonly string s_machine = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private static readonly Lazy<(string Name, byte[] Bytes)?> s_shipped = new(ReadShipped);

    /// <summary>The program's path; the file is made when missing.</summary>
    /// <param name="agbHome">The engine's own directory.</param>
    /// <exception cref="AgbException">HostNotReady: none is shipped for this machine's processor.</exception>
    /// <exception cref="IOException">It can't be written.</exception>
    public static string Ensure(string agbHome)
    {
        if (s_shipped.Value is not var (name, bytes))
        {
            throw new AgbException(
                AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady, $"This build of Agb has no launcher for the processor {s_machine}.",
                "Build the module on this machine, which needs a C compiler.");
        }
        var directory = Path.Combine(agbHome, "programs");
        var path = Path.Combine(directory, name);
        if (!File.Exists(path))
        {
            const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
                | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            Directory.CreateDirectory(directory);
            AtomicFile.Replace(path, bytes, Executable, isExact: true);
        }
        return path;
    }

    // A name by its content: sandboxes of another version keep theirs.
    private static (string Name, byte[] Bytes)? ReadShipped()
    {
        using var stream = typeof(LauncherProgram).Assembly.GetManifestResourceStream("launcher-" + s_machine);
        if (stream is null)
        {
            return null;
        }
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return ("launcher-" + Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8)), bytes);
    }
}
