using System.IO.Pipelines;
using Agb.PowerShell.Files;

namespace Agb.PowerShell.Stdin;

/// <summary>What the commands of one cmdlet read from stdin.</summary>
internal abstract class CommandInput : IDisposable
{
    /// <summary>Opens it for one command, which disposes of what it gets.</summary>
    internal abstract Stream Open();

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

/// <summary>A file of this machine. Each command reads it from its beginning.</summary>
internal sealed class InputFile : CommandInput
{
    private readonly string _path;

    /// <summary>Takes a file that can be read.</summary>
    /// <exception cref="AgbException">FileNotFound, WrongFileType, AccessDenied.</exception>
    internal InputFile(string path)
    {
        _path = path;
        Open().Dispose();
    }

    internal override Stream Open() => LocalFile.Open(_path, "input file");
}

/// <summary>Input that was given as objects, in a temporary file: so that each of several commands reads all of it.</summary>
internal sealed class InputSpool : CommandInput
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), "agb-input-" + Guid.NewGuid().ToString("n"));
    private readonly FileStream _writer;

    internal InputSpool()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        _writer = new FileStream(_path, options);
    }

    internal void Write(ReadOnlySpan<byte> bytes) => _writer.Write(bytes);

    /// <summary>No more is to come.</summary>
    internal void End() => _writer.Flush();

    internal override Stream Open() => LocalFile.Open(_path, "input file");

    /// <summary>Removes the file. Commands that have it open read on.</summary>
    public override void Dispose()
    {
        _writer.Dispose();
        File.Delete(_path);
    }
}

/// <summary>Input that comes from the pipeline while its only command runs. So much as fits waits here; then the pipeline waits.</summary>
internal sealed class InputPipe : CommandInput
{
    private const int MostWaiting = 1024 * 1024;

    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: MostWaiting, resumeWriterThreshold: MostWaiting / 2, useSynchronizationContext: false));

    internal void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_pipe.Writer.GetSpan(bytes.Length));
        _pipe.Writer.Advance(bytes.Length);
    }

    /// <summary>Hands over what was written. The command has ended, and takes no more, when the result says completed.</summary>
    internal Task<FlushResult> FlushAsync() => _pipe.Writer.FlushAsync().AsTask();

    /// <summary>No more is to come.</summary>
    internal void End() => _pipe.Writer.Complete();

    internal override Stream Open() => _pipe.Reader.AsStream(leaveOpen: true);

    /// <summary>The command has ended, or did not begin.</summary>
    internal void Close() => _pipe.Reader.Complete();
}
