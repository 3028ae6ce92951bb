using System.Text;
using Agb.Engine.Native;

namespace Agb.Engine.Sandbox;

/// <summary>What is mounted before a sandbox is made, in the form of fstab(5), so that one program mounts all of it.</summary>
internal static class StageMounts
{
    /// <summary>The table's name in the session's directory; <see cref="LaunchChain"/> has it too.</summary>
    private const string FileName = "mounts";

    private const UnixFileMode PassThrough =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Writes the table, and for root makes the mount point that all sandboxes share.</summary>
    /// <param name="directory">The session's directory.</param>
    /// <param name="overlays">What to mount, in order.</param>
    /// <param name="memory">Options of the file system in memory; null for none.</param>
    public static void Write(string directory, IReadOnlyList<SessionOverlay> overlays, string? memory = null)
    {
        var stage = SessionLayout.Stage(directory);
        var table = new StringBuilder();
        if (stage != directory)
        {
            if (!Directory.Exists(stage))
            {
                Directory.CreateDirectory(stage);
                ProcessFiles.SetMode(stage, PassThrough);
            }
            table.Append(Escape(directory)).Append(' ').Append(stage).Append(" none bind 0 0\n");
        }
        if (memory is not null)
        {
            table.Append("tmpfs ").Append(Escape($"{stage}/{SessionLayout.Memory}")).Append(" tmpfs ").Append(memory).Append(" 0 0\n");
        }
        foreach (var (name, options) in overlays)
        {
            table.Append("overlay ").Append(Escape($"{stage}/{name}/merged")).Append(" overlay ").Append(options).Append(" 0 0\n");
        }
        File.WriteAllText(Path.Combine(directory, FileName), table.ToString());
    }

    // fstab(5): what separates fields, and what escapes it.
    private static string Escape(string path) => path
        .Replace("\\", "\\134", StringComparison.Ordinal)
        .Replace(" ", "\\040", StringComparison.Ordinal)
        .Replace("\t", "\\011", StringComparison.Ordinal)
        .Replace("\n", "\\012", StringComparison.Ordinal)
        .Replace("#", "\\043", StringComparison.Ordinal);
}
