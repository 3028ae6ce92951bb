using System.Globalization;
using System.Text;

namespace Agb.Engine.Store.Tests;

/// <summary>Reads all of a context into plain text, to compare with a model: path to kind, mode and content.</summary>
internal static class ContextSnapshot
{
    /// <summary>What the newest version holds.</summary>
    internal static SortedDictionary<string, string> Read(EmbeddedService service, string contextId)
    {
        var stack = service.Parts.Catalog.Read(tx => VersionTable.HeadStack(tx, ContextTable.ById(tx, contextId)!));
        return Read(LayerStack.Parse(stack).Select(service.Parts.Paths.LayerTree));
    }

    /// <summary>What a stack of layers holds.</summary>
    internal static SortedDictionary<string, string> Read(IEnumerable<string> trees)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var root = MergedDirectory.Open(trees, "");
        Visit(root, "", found);
        return found;
    }

    internal static string File(string content, uint mode = 0x1A4) => $"file {Convert.ToString(mode, 8)} {content}";

    internal static string Directory(uint mode = 0x1ED) => $"directory {Convert.ToString(mode, 8)}";

    internal static string Symlink(string target) => $"symlink {target}";

    private static void Visit(MergedDirectory directory, string path, SortedDictionary<string, string> found)
    {
        foreach (var (name, stat) in directory.Entries())
        {
            var childPath = $"{path}/{name}";
            switch (stat.Kind)
            {
                case EntryKind.Directory:
                    found[childPath] = Directory(stat.Permissions);
                    using (var child = directory.OpenChild(name))
                    {
                        Visit(child, childPath, found);
                    }
                    break;
                case EntryKind.Symlink:
                    found[childPath] = Symlink(directory.HolderOf(name).ReadLinkAt(name));
                    break;
                case EntryKind.File:
                    found[childPath] = File(Content(directory.HolderOf(name), name, stat.Size), stat.Permissions);
                    break;
                default:
                    found[childPath] = stat.Kind.ToString();
                    break;
            }
        }
    }

    private static unsafe string Content(Fd directory, string name, long size)
    {
        using var file = directory.OpenReadAt(name);
        if (size > 4096)
        {
            return size.ToString(CultureInfo.InvariantCulture) + " bytes";
        }
        var bytes = new byte[size];
        fixed (byte* p = bytes)
        {
            ((long)Posix.Pread(file.Number, p, (nuint)size, 0)).ShouldBe(size);
        }
        return Encoding.UTF8.GetString(bytes);
    }
}
