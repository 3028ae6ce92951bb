using CsCheck;

namespace Agb.Engine.Store.Tests;

/// <summary>One random edit of a tree: as a shell command and as a change of a plain model.</summary>
internal abstract record Edit
{
    /// <summary>The edit as a command run in the mount's directory.</summary>
    internal abstract string Shell { get; }

    /// <summary>The edit done to the model.</summary>
    internal abstract void Apply(TreeModel tree);

    /// <summary>Random edits over few names, so that they meet each other often.</summary>
    internal static Gen<Edit> Gen { get; } = MakeGen();

    private static Gen<Edit> MakeGen()
    {
        var name = CsCheck.Gen.OneOf("a", "b", "c", "d e", "é");
        var path = CsCheck.Gen.OneOf(name, name.Select(name, (x, y) => $"{x}/{y}"), name.Select(name, name, (x, y, z) => $"{x}/{y}/{z}"));
        var text = CsCheck.Gen.Int[0, 999_999].Select(i => $"text {i}");
        return CsCheck.Gen.Frequency(
            (6, path.Select(text, (p, t) => (Edit)new WriteEdit(p, t))),
            (2, path.Select(text, (p, t) => (Edit)new AppendEdit(p, t))),
            (3, path.Select(p => (Edit)new RemoveEdit(p))),
            (3, path.Select(p => (Edit)new MakeDirectoryEdit(p))),
            (2, path.Select(text, (p, t) => (Edit)new ReplaceDirectoryEdit(p, t))),
            (2, path.Select(path, (p, q) => (Edit)new MoveEdit(p, q))),
            (1, path.Select(text, (p, t) => (Edit)new LinkEdit(p, t))),
            (1, path.Select(CsCheck.Gen.OneOf(0x180u, 0x1A4u, 0x1EDu), (p, m) => (Edit)new ModeEdit(p, m))));
    }
}

internal sealed record WriteEdit(string Path, string Text) : Edit
{
    internal override string Shell =>
        $"mkdir -p \"$(dirname '{Path}')\" 2>/dev/null && [ ! -d '{Path}' ] && [ ! -L '{Path}' ] && printf %s '{Text}' > '{Path}'; true";

    internal override void Apply(TreeModel tree)
    {
        if (tree.MakeParents(Path) && !tree.IsDirectory(Path) && !tree.IsSymlink(Path))
        {
            tree.WriteFile(Path, Text);
        }
    }
}

internal sealed record AppendEdit(string Path, string Text) : Edit
{
    internal override string Shell => $"[ -f '{Path}' ] && [ ! -L '{Path}' ] && printf %s '{Text}' >> '{Path}'; true";

    internal override void Apply(TreeModel tree)
    {
        if (tree.IsFile(Path))
        {
            tree.WriteFile(Path, tree.Text(Path) + Text);
        }
    }
}

internal sealed record RemoveEdit(string Path) : Edit
{
    internal override string Shell => $"rm -rf '{Path}'";

    internal override void Apply(TreeModel tree) => tree.Remove(Path);
}

internal sealed record MakeDirectoryEdit(string Path) : Edit
{
    internal override string Shell => $"mkdir -p '{Path}' 2>/dev/null; true";

    internal override void Apply(TreeModel tree) => tree.MakeParents(Path + "/x");
}

/// <summary>An opaque directory, where there was one before.</summary>
internal sealed record ReplaceDirectoryEdit(string Path, string Text) : Edit
{
    internal override string Shell => $"[ -d '{Path}' ] && [ ! -L '{Path}' ] && rm -rf '{Path}' && mkdir '{Path}' && printf %s '{Text}' > '{Path}/new'; true";

    internal override void Apply(TreeModel tree)
    {
        if (tree.IsDirectory(Path))
        {
            tree.Remove(Path);
            tree.MakeParents(Path + "/new");
            tree.WriteFile(Path + "/new", Text);
        }
    }
}

internal sealed record MoveEdit(string From, string To) : Edit
{
    // Only onto free names outside the source, so that the model need not repeat all of mv's rules.
    internal override string Shell =>
        $"{{ [ -e '{From}' ] || [ -L '{From}' ]; }} && [ ! -e '{To}' ] && [ ! -L '{To}' ] && case '{To}/' in '{From}/'*) ;; *) [ -d \"$(dirname '{To}')\" ] && mv -T '{From}' '{To}';; esac; true";

    internal override void Apply(TreeModel tree)
    {
        var parent = To.Contains('/') ? To[..To.LastIndexOf('/')] : "";
        if (tree.Exists(From) && !tree.Exists(To) && !$"{To}/".StartsWith($"{From}/", StringComparison.Ordinal)
            && (parent.Length == 0 || tree.IsDirectory(parent)))
        {
            tree.Move(From, To);
        }
    }
}

internal sealed record LinkEdit(string Path, string Target) : Edit
{
    internal override string Shell =>
        $"{{ [ -e '{Path}' ] || [ -L '{Path}' ]; }} || {{ [ -d \"$(dirname '{Path}')\" ] && ln -s '{Target}' '{Path}'; }}; true";

    internal override void Apply(TreeModel tree)
    {
        var parent = Path.Contains('/') ? Path[..Path.LastIndexOf('/')] : "";
        if (!tree.Exists(Path) && (parent.Length == 0 || tree.IsDirectory(parent)))
        {
            tree.WriteSymlink(Path, Target);
        }
    }
}

internal sealed record ModeEdit(string Path, uint Mode) : Edit
{
    internal override string Shell => $"[ -f '{Path}' ] && [ ! -L '{Path}' ] && chmod {Convert.ToString(Mode, 8)} '{Path}'; true";

    internal override void Apply(TreeModel tree)
    {
        if (tree.IsFile(Path))
        {
            tree.SetMode(Path, Mode);
        }
    }
}
