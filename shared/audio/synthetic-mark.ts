/**
 * How a file says by itself that no human spoke: the IPTC's word for media made by a trained model, in the metadata
 * that a container has (https://www.iptc.org/std/photometadata/documentation/ "Digital Source Type").
 */

/** The program that made a file. */
export const SOFTWARE = 'bark-edge';

/** The key, as taggers show it. */
export const DIGITAL_SOURCE_TYPE = 'DIGITALSOURCETYPE';

/** The term of the IPTC's vocabulary (https://cv.iptc.org/newscodes/digitalsourcetype/). */
export const TRAINED_ALGORITHMIC_MEDIA =
  'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

/** The same as XMP (ISO 16684-1), the form that the IPTC defines it in. */
export const SYNTHETIC_XMP = `<?xpacket begin="\u{feff}" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" Iptc4xmpExt:DigitalSourceType="${TRAINED_ALGORITHMIC_MEDIA}" xmp:CreatorTool="${SOFTWARE}"/></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`;
