using System.Diagnostics;

namespace Agb.Soak.PowerCuts;

/// <summary>A device of which the content at one instant can be had. Its image lies on XFS, which clones files (ioctl_ficlone(2)): the
/// clone is made under the file's lock, after all writes of the loop device to it were flushed, so it holds every write that the device
/// had completed and none that came later. Data that the file system above has not written yet is in memory alone, and so not in
/// the clone: a power cut takes just that.</summary>
internal sealed class CutDisk : IDisposable
{
    private readonly string _directory;

    private CutDisk(string directory) => _directory = directory;

    /// <summary>Where the file system of the device is mounted.</summary>
    internal string Mount => Path.Combine(_directory, "disk");

    private string Outer => Path.Combine(_directory, "outer");

    private string Image => Path.Combine(Outer, "disk.img");

    /// <summary>Makes the device, mounted in this process's mount namespace.</summary>
    internal static CutDisk Make(string directory)
    {
        var disk = new CutDisk(directory);
        Directory.CreateDirectory(disk.Outer);
        Directory.CreateDirectory(disk.Mount);
        var image = Path.Combine(directory, "outer.img");
        Allocate(image, 3L << 30);
        Tool("mkfs.xfs", "-q", "-m", "reflink=1", image);
        Tool("mount", "-o", "loop", image, disk.Outer);
        Allocate(disk.Image, 1L << 30);
        Tool("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", disk.Image);
        Tool("mount", "-o", "loop", disk.Image, disk.Mount);
        return disk;
    }

    /// <summary>Cuts the power: the image of this instant.</summary>
    /// <returns>The file; <see cref="Forget"/> removes it.</returns>
    internal string Cut(int number)
    {
        var clone = Path.Combine(Outer, $"cut{number}.img");
        Tool("cp", "--reflink=always", Image, clone);
        return clone;
    }

    internal static void Forget(string clone) => File.Delete(clone);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Lazily: a process of a session may hold a copy of the mount for a moment.
        Tool("umount", "-l", Mount);
        Tool("umount", "-l", Outer);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    internal static void Tool(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors}");
        }
    }

    private static void Allocate(string file, long bytes)
    {
        using var stream = new FileStream(file, FileMode.CreateNew);
        stream.SetLength(bytes);
    }
}
