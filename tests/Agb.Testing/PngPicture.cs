using System.Buffers.Binary;
using System.IO.Compression;

namespace Agb.Testing;

/// <summary>The pixels of a PNG with 8 bits for each of red, green and blue (PNG, third edition).</summary>
public sealed class PngPicture
{
    private const int HeaderBytes = 8;

    private readonly byte[] _pixels;
    private readonly int _bytesPerPixel;

    /// <summary>Reads a file.</summary>
    public PngPicture(byte[] file)
    {
        file.AsSpan(0, HeaderBytes).ToArray().ShouldBe([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        using var data = new MemoryStream();
        for (var at = HeaderBytes; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var content = file.AsSpan(at + 8, length);
            switch (System.Text.Encoding.ASCII.GetString(file, at + 4, 4))
            {
                case "IHDR":
                    Width = BinaryPrimitives.ReadInt32BigEndian(content);
                    Height = BinaryPrimitives.ReadInt32BigEndian(content[4..]);
                    content[8].ShouldBe((byte)8, "bits of a sample");
                    _bytesPerPixel = content[9] switch { 2 => 3, 6 => 4, var type => throw new NotSupportedException($"PNG colour type {type}") };
                    content[12].ShouldBe((byte)0, "interlace");
                    break;
                case "IDAT":
                    data.Write(content);
                    break;
            }
            at += 12 + length;
        }
        data.Position = 0;
        using var plain = new ZLibStream(data, CompressionMode.Decompress);
        _pixels = new byte[Height * Width * _bytesPerPixel];
        Unfilter(plain);
    }

    /// <summary>The width in pixels.</summary>
    public int Width { get; }

    /// <summary>The height in pixels.</summary>
    public int Height { get; }

    /// <summary>The colour of a pixel, as RRGGBB.</summary>
    public string this[int x, int y] => Convert.ToHexString(_pixels, ((y * Width) + x) * _bytesPerPixel, 3);

    private void Unfilter(Stream plain)
    {
        var stride = Width * _bytesPerPixel;
        for (var y = 0; y < Height; y++)
        {
            var filter = plain.ReadByte();
            var row = _pixels.AsSpan(y * stride, stride);
            plain.ReadExactly(row);
            var above = y == 0 ? new byte[stride] : _pixels.AsSpan((y - 1) * stride, stride);
            for (var i = 0; i < stride; i++)
            {
                var left = i < _bytesPerPixel ? 0 : row[i - _bytesPerPixel];
                var corner = i < _bytesPerPixel ? 0 : above[i - _bytesPerPixel];
                row[i] += (byte)(filter switch
                {
                    0 => 0,
                    1 => left,
                    2 => above[i],
                    3 => (left + above[i]) / 2,
                    _ => Paeth(left, above[i], corner),
                });
            }
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        var guess = left + above - corner;
        var (toLeft, toAbove, toCorner) = (Math.Abs(guess - left), Math.Abs(guess - above), Math.Abs(guess - corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }
}
