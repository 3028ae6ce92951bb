namespace Agb.Linux;

/// <summary>Walks the directories of a tree on the host. Links are never followed.</summary>
/// <param name="root">The root; the caller closes it.</param>
/// <param name="open">Opens (or makes) a child: parent, name, and its path from the root; null for plain opening.</param>
internal sealed class DirectoryCursor(Fd root, Func<Fd, string, string, Fd>? open = null)
    : PathCursor<Fd>(root, open ?? ((parent, name, _) => parent.OpenDirectoryAt(name)));
