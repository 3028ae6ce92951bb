using Agb.Engine.Native;

namespace Agb.Engine.Sandbox;

/// <summary>The work directories of overlays that are not mounted any more.</summary>
internal static class OverlayWork
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Removes a work directory. The kernel leaves directories without any permission in it (<c>work</c>,
    /// <c>incompat</c>), which an ordinary user must open up first. Sessions never see it, so no link of theirs is in it.</summary>
    /// <param name="directory">The <c>work</c> directory beside <c>upper</c>; it need not exist.</param>
    public static void Remove(string directory)
    {
        if (Directory.Exists(directory))
        {
            OpenUp(directory);
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void OpenUp(string directory)
    {
        ProcessFiles.SetMode(directory, Private);
        foreach (var child in new DirectoryInfo(directory).EnumerateDirectories().Where(d => d.LinkTarget is null))
        {
            OpenUp(child.FullName);
        }
    }
}
