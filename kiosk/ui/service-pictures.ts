/** The picture of each service. */
import type { ServiceName } from "../../shared/terms.ts";
import {
  BikePicture,
  BookPicture,
  BusPicture,
  CarPicture,
  CounterPicture,
  ListPicture,
  type Picture,
  PowerBankPicture,
  TicketPicture,
  UmbrellaPicture,
  VenuePicture,
} from "./pictures.tsx";

export const servicePictures: Readonly<Record<ServiceName, Picture>> = {
  metro: TicketPicture,
  bus: BusPicture,
  library: BookPicture,
  bike: BikePicture,
  umbrella: UmbrellaPicture,
  "power-bank": PowerBankPicture,
  venue: VenuePicture,
  shuttle: BusPicture,
  parking: CarPicture,
  desk: CounterPicture,
  inquiry: ListPicture,
};
