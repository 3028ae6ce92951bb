using System.IO.Pipelines;

namespace Agb.PowerShell;

/// <summary>The stdin of a cmdlet's commands.</summary>
internal abstract class CommandInput : IDisposable
{
    /// <summary>Opens it for one command; the caller disposes of the stream.</summary>
    internal abstract Stream Open();

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

/// <summary>A local file as input. Each command reads it from its beginning.</summary>
internal sealed class InputFile : CommandInput
{
    private readonly string _path;

    /// <summary>Takes a readable file.</summary>
    /// <exception cref="AgbException">FileNotFound, WrongFileType, AccessDenied.</exception>
    internal InputFile(string path)
    {
        _path = path;
        Open().Dispose();
    }

    internal override Stream Open() => LocalFile.Open(_path, "input file");
}

/// <summary>Input objects in a temporary file, so that each of several commands reads all of them.</summary>
internal sealed class InputSpool : CommandInput
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), "agb-input-" + Guid.NewGuid().ToString("n"));
    private readonly FileStream _writer;

    internal InputSpool() => _writer = new FileStream(_path, Platform.OwnerOnly(
        new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete }));

    internal void Write(ReadOnlySpan<byte> bytes) => _writer.Write(bytes);

    /// <summary>Ends the input.</summary>
    internal void End() => _writer.Flush();

    internal override Stream Open() => LocalFile.Open(_path, "input file");

    /// <summary>Removes the file. Commands that have it open read on.</summary>
    public override void Dispose()
    {
        _writer.Dispose();
        File.Delete(_path);
    }
}

/// <summary>Input from the pipeline for a single running command. When its buffer is full, the pipeline waits.</summary>
internal sealed class InputPipe : CommandInput
{
    private const int MostWaiting = 1024 * 1024;

    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: MostWaiting, resumeWriterThreshold: MostWaiting / 2, useSynchronizationContext: false));

    internal void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_pipe.Writer.GetSpan(bytes.Length));
        _pipe.Writer.Advance(bytes.Length);
    }

    /// <summary>Passes on the written bytes. A completed result means that the command has ended and takes no more.</summary>
    internal Task<FlushResult> FlushAsync() => _pipe.Writer.FlushAsync().AsTask();

    /// <summary>Ends the input.</summary>
    internal void End() => _pipe.Writer.Complete();

    internal override Stream Open() => _pipe.Reader.AsStream(leaveOpen: true);

    /// <summary>Marks the command as ended or not started.</summary>
    internal void Close() => _pipe.Reader.Complete();
}
